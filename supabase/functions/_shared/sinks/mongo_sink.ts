import type { Collection, DocumentSink, Failure, Found, Write } from "./document_sink.ts";
import { LandfallError } from "../errors.ts";
import { documentOf, foundDocument, idText } from "./found_document.ts";
import { fromExtendedJson } from "./from_extended_json.ts";
import { isPassing, mongoFailure } from "./mongo_failure.ts";
import {
  type AnyBulkWriteOperation,
  BSON,
  type Db,
  MongoBulkWriteError,
  MongoClient,
  ObjectId,
} from "./mongodb.ts";
import { TOO_LARGE_REASON, writeFailure } from "./write_failure.ts";

type Operation = AnyBulkWriteOperation<BSON.Document>;

const PATIENCE_MS = 5_000;
const TRIES = 4;
const FIRST_WAIT_MS = 200;
const IDS_OF_A_QUERY = 200;
/** MongoDB's limit of a document. */
const LARGEST = 16 * 1024 * 1024;
/** A write that compares holds the document twice, and has the same limit. */
const LARGEST_COMPARED = LARGEST / 2 - 16 * 1024;
const NAMESPACE_EXISTS = 48;
const INDEX_EXISTS_UNDER_ANOTHER_NAME = 85;

/**
 * Opens a MongoDB by the official driver. Every write waits for a majority; what may pass is
 * repeated for some seconds.
 *
 * @param url With the database's name as its path.
 * @throws LF006 for a URL that makes no sense, LF015 when nothing answers or the user is refused.
 */
export async function openMongo(url: string): Promise<DocumentSink> {
  const client = clientOf(url);
  const { dbName } = client.options;
  const place = `${client.options.hosts.map(String).join(", ")}/${dbName}`;
  if (!/^[^?]*\/\/[^/]*\/[^/?]+/.test(url)) {
    await client.close();
    throw new LandfallError("LF006", "The URL of the MongoDB names no database", {
      hint: "Write mongodb://user:password@host:27017/database.",
    });
  }
  const sink = new MongoSink(client, client.db(dbName), place);
  try {
    await sink.attempt(() => client.db(dbName).command({ ping: 1 }));
  } catch (error) {
    await client.close();
    throw error;
  }
  return sink;
}

function clientOf(url: string): MongoClient {
  try {
    return new MongoClient(url, {
      appName: "landfall",
      serverSelectionTimeoutMS: PATIENCE_MS,
      connectTimeoutMS: PATIENCE_MS,
      writeConcern: { w: "majority" },
      readConcern: { level: "majority" },
      ignoreUndefined: false,
    });
  } catch (error) {
    throw mongoFailure(error, "this URL");
  }
}

class MongoSink implements DocumentSink {
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
      await this.#unless(
        NAMESPACE_EXISTS,
        () => this.#database.createCollection(collection),
      );
      for (const paths of indexes) {
        await this.#unless(
          INDEX_EXISTS_UNDER_ANOTHER_NAME,
          () => this.#database.collection(collection).createIndex(indexKey(paths)),
        );
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
    const ids = async (filter: BSON.Document) => {
      const found = this.#database.collection(collection)
        .find(filter, { projection: { _id: 1 }, promoteValues: false })
        .sort({ _id: 1 }).limit(most);
      return (await found.toArray()).map(({ _id }) => idText(_id));
    };
    return await this.attempt(async () => {
      const others = after === null ? await ids({ _id: { $not: { $type: "objectId" } } }) : [];
      const from = after === null ? { $type: "objectId" } : { $gt: new ObjectId(after) };
      return [...others, ...await ids({ _id: from })];
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
      const refusals = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
      // where no write was refused by itself, none of them may have been done
      if (!(error instanceof MongoBulkWriteError) || refusals.length === 0) throw error;
      const refused = refusals.map(({ index, code, errmsg, err }) => ({
        index,
        code: Number(code),
        errmsg,
        errInfo: err.errInfo,
      }));
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

  async #unless(known: number, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if ((error as { code?: unknown }).code !== known) throw mongoFailure(error, this.#place);
    }
  }
}

function operationOf(write: Write): Operation {
  if (write.kind === "delete") return { deleteOne: { filter: asSeen(write.id, write.over) } };
  const document = documentToWrite(write);
  if (BSON.calculateObjectSize(document) > LARGEST) throw new RangeError(TOO_LARGE_REASON);
  const over = write.kind === "insert" ? undefined : write.over;
  if (over === undefined) return { insertOne: { document } };
  return { replaceOne: { filter: asSeen(write.id, over), replacement: document } };
}

/** Whether a write is to find what was seen. */
function isCompared(write: Write): boolean {
  return write.kind === "delete" || write.kind !== "insert" && write.over !== undefined;
}

function documentToWrite(write: Exclude<Write, { kind: "delete" }>): BSON.Document {
  return write.kind === "restore"
    ? documentOf(write.bson)
    : fromExtendedJson(write.document) as BSON.Document;
}

/** Finds the document only as long as nobody has changed it since it was looked at. */
function asSeen(id: string, { seen }: Found): BSON.Document {
  const _id = new ObjectId(id);
  const document = seen as BSON.Document;
  // too large to be sent twice in one write: what changes in between is not noticed
  if (BSON.calculateObjectSize(document) > LARGEST_COMPARED) return { _id };
  return { _id, $expr: { $eq: ["$$ROOT", { $literal: document }] } };
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
