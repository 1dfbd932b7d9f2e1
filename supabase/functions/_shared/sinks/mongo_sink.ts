import type { Collection, DocumentSink, Failure, Found, Write } from "./document_sink.ts";
import { foundDocument, idText } from "./found_document.ts";
import { isOfServer, isPassing, mongoFailure } from "./mongo_failure.ts";
import {
  BSON,
  type Db,
  MongoBulkWriteError,
  type MongoClient,
  MongoServerError,
  ObjectId,
} from "./mongodb.ts";
import { documentToWrite, isCompared, type Operation, operationOf } from "./operation_of.ts";
import { type RefusedWrite, TOO_LARGE_REASON, writeFailure } from "./write_failure.ts";

const TRIES = 4;
const FIRST_WAIT_MS = 200;
const IDS_OF_A_QUERY = 200;
const NAMESPACE_EXISTS = 48;

/** A MongoDB by the official driver. */
export class MongoSink implements DocumentSink {
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #place: string;

  constructor(client: MongoClient, database: Db, place: string) {
    this.#client = client;
    this.#database = database;
    this.#place = place;
  }

  async prepare(collections: readonly Collection[]): Promise<void> {
    for (const { collection, indexes } of collections) {
      await this.attempt(() => this.#create(collection));
      const there = await this.attempt(() => this.#database.collection(collection).indexes());
      // one that the app has made, perhaps unique, under whatever name, serves as well
      const keys = new Set(there.map(({ key }) => JSON.stringify(Object.entries(key))));
      for (const key of indexes.map(indexKey)) {
        if (keys.has(JSON.stringify([...key]))) continue;
        await this.attempt(() => this.#database.collection(collection).createIndex(key));
      }
    }
  }

  async *look(collection: string, ids: readonly string[]): AsyncGenerator<Found> {
    for (let from = 0; from < ids.length; from += IDS_OF_A_QUERY) {
      yield* this.#find(collection, ids.slice(from, from + IDS_OF_A_QUERY));
    }
  }

  /** A cursor that broke gives nothing more: another goes on with what it left. */
  async *#find(collection: string, ids: readonly string[]): AsyncGenerator<Found> {
    const left = new Set(ids);
    for (let attempt = 1; left.size > 0; attempt++) {
      const filter = { _id: { $in: [...left].map((id) => new ObjectId(id)) } };
      const cursor = this.#database.collection(collection).find(filter, { raw: true });
      try {
        for await (const bytes of cursor) {
          const found = foundDocument(bytes as unknown as Uint8Array);
          left.delete(found.id);
          yield found;
        }
        return;
      } catch (error) {
        await this.#waitOrThrow(error, attempt);
      } finally {
        await cursor.close();
      }
    }
  }

  async write(
    collection: string,
    writes: readonly Write[],
  ): Promise<Map<string, Failure>> {
    const failures = new Map<string, Failure>();
    const tried: Write[] = [];
    const operations: Operation[] = [];
    for (const write of writes) {
      try {
        operations.push(operationOf(write));
        tried.push(write);
      } catch (error) {
        failures.set(write.id, refusedHere(error));
      }
    }
    if (operations.length === 0) return failures;

    let calls = 0;
    const { matched, refused } = await this.attempt(() => {
      calls++;
      return this.#bulk(collection, operations);
    });
    const doubtful: Write[] = [];
    for (const { index, ...error } of refused) {
      const write = tried[index]!;
      const failure = writeFailure(error, collection);
      // a call that was repeated may be in its own way
      if (failure.kind === "conflict" && calls > 1) doubtful.push(write);
      else failures.set(write.id, failure);
    }
    const compared = tried.filter((write) => isCompared(write) && !failures.has(write.id));
    if (matched < compared.length) doubtful.push(...compared);
    for (const id of await this.#undone(collection, doubtful)) {
      failures.set(id, { kind: "conflict" });
    }
    return failures;
  }

  async idsAfter(collection: string, after: string | null, most: number): Promise<string[]> {
    return await this.attempt(async () => {
      const inOrder = this.#database.collection(collection)
        .find({}, { projection: { _id: 1 }, promoteValues: false })
        .sort({ _id: 1 }).hint({ _id: 1 });
      // a filter would find ids of the same type only; this finds the last one, too
      if (after !== null) inOrder.min({ _id: idOf(after) });
      const found = await inOrder.limit(most + 1).toArray();
      return found.map(({ _id }) => idText(_id)).filter((id) => id !== after).slice(0, most);
    });
  }

  /** Calls, and calls again while what failed may pass. */
  async attempt<Reply>(call: () => Promise<Reply>): Promise<Reply> {
    for (let attempt = 1;; attempt++) {
      try {
        return await call();
      } catch (error) {
        await this.#waitOrThrow(error, attempt);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  async #waitOrThrow(error: unknown, attempt: number): Promise<void> {
    if (attempt === TRIES || !isPassing(error)) throw mongoFailure(error, this.#place);
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)));
  }

  async #bulk(collection: string, operations: Operation[]) {
    try {
      const { matchedCount, deletedCount } = await this.#database.collection(collection)
        .bulkWrite(operations, { ordered: false });
      return { matched: matchedCount + deletedCount, refused: [] };
    } catch (error) {
      const refused = error instanceof MongoBulkWriteError ? refusedWrites(error) : [];
      // where no write was refused by itself, none of them may have been done
      if (!(error instanceof MongoBulkWriteError) || refused.length === 0) throw error;
      // what keeps the server from writing says nothing about the documents
      const trouble = refused.find(({ code }) => isOfServer(code));
      if (trouble !== undefined) {
        throw new MongoServerError({ code: trouble.code, message: trouble.errmsg ?? "" });
      }
      return { matched: error.result.matchedCount + error.result.deletedCount, refused };
    }
  }

  /** Of some writes, the ids of those that did not take place. */
  async #undone(collection: string, writes: readonly Write[]): Promise<string[]> {
    if (writes.length === 0) return [];
    const there = new Map<string, Found>();
    for await (const found of this.look(collection, writes.map(({ id }) => id))) {
      there.set(found.id, found);
    }
    return writes.filter((write) => {
      const found = there.get(write.id);
      if (write.kind === "delete") return found !== undefined;
      return found?.hash !== foundDocument(BSON.serialize(documentToWrite(write))).hash;
    }).map(({ id }) => id);
  }

  async #create(collection: string): Promise<void> {
    try {
      await this.#database.createCollection(collection);
    } catch (error) {
      if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    }
  }
}

function refusedWrites({ writeErrors }: MongoBulkWriteError): (RefusedWrite & { index: number })[] {
  return [writeErrors].flat().map(({ index, code, errmsg, err }) => ({
    index,
    code: Number(code),
    errmsg,
    errInfo: err.errInfo,
  }));
}

function idOf(text: string): unknown {
  return /^[0-9a-f]{24}$/.test(text)
    ? new ObjectId(text)
    : BSON.EJSON.parse(text, { relaxed: false });
}

function refusedHere(error: unknown): Failure {
  const details = error instanceof Error ? error.message : String(error);
  const reason = details === TOO_LARGE_REASON ? details : "BSON cannot hold one of its values";
  return { kind: "refused", reason, details };
}

function indexKey(paths: string): Map<string, 1 | -1> {
  return new Map(
    paths.split(",").map((path) => {
      const name = path.trim();
      return name.startsWith("-") ? [name.slice(1), -1] : [name, 1];
    }),
  );
}
