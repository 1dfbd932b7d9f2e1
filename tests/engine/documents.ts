import type postgres from "postgres";
import { drive } from "../../supabase/functions/_shared/drive.ts";
import { driveAlone } from "../../supabase/functions/_shared/drive_alone.ts";
import { documentEngine } from "../../supabase/functions/_shared/documents/document_engine.ts";
import type { Engine, RunOptions } from "../../supabase/functions/_shared/engine.ts";
import type {
  RollbackReport,
  RunReport,
  VerificationReport,
} from "../../supabase/functions/_shared/replies.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { engineOn } from "../support/engine_on.ts";
import { aLibrary, idOf } from "../support/library.ts";
import { type MemorySink, memorySink } from "../support/memory_sink.ts";

/** A database with the pipeline "library", whose documents are kept in memory. */
export interface Setup extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly sql: postgres.Sql;
  readonly sink: MemorySink;
  /** The engine that writes into the sink. */
  readonly engine: Engine;
  /** Runs an export to its end. */
  export(options?: RunOptions): Promise<RunReport>;
  /** Goes on with a run, to its end. */
  continue(runId: number, engine?: Engine): Promise<RunReport>;
  /** Verifies the pipeline, or what a run has written. */
  verify(options?: RunOptions, runId?: number): Promise<VerificationReport>;
  /** Rolls a run back. */
  rollBack(runId: number, options?: RunOptions): Promise<RollbackReport>;
  /** A book as it is in the collection. */
  book(key: number): Promise<BSON.Document | undefined>;
  /** Puts a document in the place of a book, as somebody else would; none deletes it. */
  putBook(key: number, document?: BSON.Document): Promise<void>;
  /** All that is in the collections, to the byte, and all that lineage knows. */
  everything(): Promise<unknown>;
}

const BUDGET = { budgetMs: 60_000, signal: new AbortController().signal, onProgress: () => {} };

/** Starts what a test of documents needs. */
export async function setup(
  sizes?: { authors?: number; books?: number },
): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  const { sql } = database;
  await aLibrary(sql, sizes);
  const sink = memorySink();
  await sink.prepare(["authors", "books"].map((collection) => ({ collection, indexes: [] })));
  const engine = documentEngine(engineOn(database.as("service_role")), sink);
  const running = starting.move();
  const books = sink.collections.get("books")!;
  const test: Setup = {
    database,
    sql,
    sink,
    engine,
    export: async (options = {}) => {
      const { runId } = await engine.startRun("library", options);
      return await test.continue(runId!);
    },
    continue: async (runId, by = engine) =>
      await drive(by, { ...await by.runReport(runId), runId }, BUDGET),
    verify: async (options = {}, runId) => {
      const { verificationId } = await engine.startVerification(
        runId === undefined ? { pipeline: "library" } : { runId },
        options,
      );
      await driveAlone((ms) => engine.advanceVerification(verificationId, ms), {
        ...BUDGET,
        task: { name: "the verification", again: "it" },
        goesOn: ({ state }) => state === "running",
      });
      return await engine.verificationReport(verificationId);
    },
    rollBack: async (runId, options = {}) => {
      await engine.startRollback(runId, options);
      await driveAlone((ms) => engine.advanceRollback(runId, ms), {
        ...BUDGET,
        task: { name: "the roll-back", again: "it" },
        goesOn: ({ state }) => state === "rolling_back",
      });
      return await engine.rollbackReport(runId);
    },
    book: async (key) => {
      const bytes = books.get(await idOf(sql, "books", key));
      return bytes && BSON.deserialize(bytes);
    },
    putBook: async (key, document) => {
      const id = await idOf(sql, "books", key);
      if (document === undefined) books.delete(id);
      else books.set(id, BSON.serialize({ _id: new BSON.ObjectId(id), ...document }));
    },
    everything: async () => {
      const lineage = await sql`
        select entity_id, source_key, target_key, given_hash::text, stored_hash::text, adopted, kept
        from landfall.lineage order by entity_id, source_key`;
      const collections = [...sink.collections].map(([name, documents]) => [
        name,
        [...documents].sort(([one], [other]) => one < other ? -1 : 1)
          .map(([id, bytes]) => [id, BSON.ByteUtils.toBase64(bytes)]),
      ]);
      return { lineage: [...lineage], collections };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  return test;
}

/** What became of an entity's rows, in a few words. */
export function countsOf(report: RunReport, name = "books"): string {
  const entity = report.entities.find((each) => each.entity === name)!;
  return (["inserted", "updated", "unchanged", "rejected", "pruned"] as const)
    .flatMap((outcome) => entity[outcome] > 0 ? [`${entity[outcome]} ${outcome}`] : [])
    .join(", ");
}

/** Reasons with their source keys. */
export function reasonsOf(
  list: readonly { reason: string; sample: readonly string[] }[],
): Record<string, readonly string[]> {
  return Object.fromEntries(list.map(({ reason, sample }) => [reason, sample]));
}
