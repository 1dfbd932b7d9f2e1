import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { documentEngine } from "../../supabase/functions/_shared/documents/document_engine.ts";
import { drive } from "../../supabase/functions/_shared/drive.ts";
import type { Engine } from "../../supabase/functions/_shared/engine.ts";
import {
  RollbackReport,
  RunReport,
  VerificationReport,
} from "../../supabase/functions/_shared/replies.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { engineOn } from "../support/engine_on.ts";
import { aLibrary, idOf } from "../support/library.ts";
import { type MemorySink, memorySink } from "../support/memory_sink.ts";
import { outcome, type RunOptions } from "../support/migration.ts";
import { dump, type Undone } from "./undoing.ts";

export type Entity = "authors" | "books";

/** A database with the pipeline "library", and a sink in memory for its documents. */
export interface Setup extends AsyncDisposable {
  readonly database: TestDatabase;
  /** Queries as postgres, the owner. */
  readonly sql: postgres.Sql;
  /** Queries as service_role, the role that runs the engine. */
  readonly service: postgres.Sql;
  readonly sink: MemorySink;
  /** The engine without documents. */
  readonly bare: Engine;
  /** The engine with the sink. */
  readonly engine: Engine;
  /** Rehearses an export, which writes nothing, does it, and holds that both report the same. */
  migrate(options?: RunOptions): Promise<RunReport>;
  /** Does an export, with as many workers as the options say. */
  run(options?: RunOptions): Promise<RunReport>;
  /** Previews a roll-back, which changes nothing, does it, and holds that the preview told all. */
  undo(runId: number, options?: RunOptions): Promise<Undone>;
  /** Verifies the pipeline, or a run. */
  verify(what?: number, options?: RunOptions): Promise<VerificationReport>;
  /** A document's fields, or undefined. */
  document(entity: Entity, key: number): Promise<BSON.Document | undefined>;
  /** Changes a document as somebody else, makes it, or deletes it with null. */
  tamper(entity: Entity, key: number, fields: BSON.Document | null): Promise<void>;
  /** All documents to the byte. */
  contents(): Record<string, string>;
}

/** Makes a database with a library of three authors and so many books, and an empty sink. */
export async function setup(size: Parameters<typeof aLibrary>[1] = { books: 6 }): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  const { sql } = database;
  await aLibrary(sql, size);
  const service = database.as("service_role");
  const sink = memorySink();
  const bare = engineOn(service);
  const engine = documentEngine(bare, sink);
  const running = starting.move();

  const state = async () => [await dump(sql, "landfall"), contentsOf(sink)];
  const test: Setup = {
    database,
    sql,
    service,
    sink,
    bare,
    engine,
    migrate: async (options = {}) => {
      const before = await state();
      const rehearsed = RunReport.parse(await engine.dryRun("library", options));
      assertEquals(await state(), before);
      const report = await test.run(options);
      assertEquals(outcome(report), outcome(rehearsed));
      return report;
    },
    run: async (options = {}) => {
      const { runId } = await engine.startRun("library", options);
      return await finish(engine, runId!);
    },
    undo: async (runId, options = {}) => {
      const before = await state();
      const { rollback } = await engine.runReport(runId);
      const earlier = rollback && await engine.rollbackReport(runId);
      const previewed = RollbackReport.parse(await engine.previewRollback(runId, options));
      assertEquals(await state(), before);
      await engine.startRollback(runId, options);
      const report = await finishRollback(engine, runId);
      assertEquals(report.leftovers, previewed.leftovers);
      const undone = undoneOf(report, earlier);
      assertEquals(undone, { ...undoneOf(previewed, null), state: report.state });
      return undone;
    },
    verify: (what, options) => verify(engine, what, options),
    document: async (entity, key) => {
      const bytes = sink.collections.get(entity)?.get(await idOf(sql, entity, key));
      return bytes && BSON.deserialize(bytes);
    },
    tamper: async (entity, key, fields) => {
      const id = await idOf(sql, entity, key);
      const documents = sink.collections.get(entity) ?? new Map();
      sink.collections.set(entity, documents);
      if (fields === null) return void documents.delete(id);
      const there = documents.get(id);
      const known = there ? BSON.deserialize(there, { promoteValues: false }) : {
        _id: new BSON.ObjectId(id),
      };
      documents.set(id, BSON.serialize({ ...known, ...fields }));
    },
    contents: () => contentsOf(sink),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  return test;
}

/** Works on a run until it rests; each entity's outcomes must add up to its source rows. */
export async function finish(engine: Engine, runId: number): Promise<RunReport> {
  const run = await engine.runReport(runId);
  const report = RunReport.parse(
    await drive(engine, { ...run, runId }, {
      budgetMs: 30_000,
      workers: 1,
      signal: new AbortController().signal,
      onProgress: () => {},
    }),
  );
  for (const { entity, source, ...counts } of report.entities) {
    const { inserted, updated, unchanged, rejected } = counts;
    assertEquals(inserted + updated + unchanged + rejected, source, entity);
  }
  return report;
}

/** Works on a roll-back until it is over. */
export async function finishRollback(engine: Engine, runId: number): Promise<RollbackReport> {
  while ((await engine.advanceRollback(runId, 1)).state === "rolling_back");
  return RollbackReport.parse(await engine.rollbackReport(runId));
}

/** Verifies the pipeline, or a run. */
export async function verify(
  engine: Engine,
  runId?: number,
  options: RunOptions = {},
): Promise<VerificationReport> {
  const what = runId === undefined ? { pipeline: "library" } : { runId };
  const { verificationId } = await engine.startVerification(what, options);
  while ((await engine.advanceVerification(verificationId, 1)).state === "running");
  return VerificationReport.parse(await engine.verificationReport(verificationId));
}

/** What became of each entity's rows, in a few words. */
export function counts({ entities }: RunReport): Record<string, string> {
  const names = ["inserted", "updated", "unchanged", "rejected", "pruned"] as const;
  return Object.fromEntries(entities.map((entity) => [
    entity.entity,
    names.flatMap((name) => entity[name] > 0 ? [`${entity[name]} ${name}`] : []).join(", "),
  ]));
}

/** Why rows were rejected, or what was found of them, with sample keys. */
export function reasons(
  rows: readonly { entity: string; reason?: unknown; sample: string[] }[],
): Record<string, string[]> {
  return Object.fromEntries(rows.map(({ reason, sample }) => [`${reason}`, sample]));
}

/** What a verification found: kind and name of each difference, with the sample keys. */
export function found({ differences }: VerificationReport): Record<string, (string | null)[]> {
  return Object.fromEntries(differences.map(({ entity, kind, name, sample }) => [
    [entity, kind, name].join(" ").trim(),
    sample.map(({ sourceKey, targetKey }) => sourceKey ?? targetKey),
  ]));
}

/** What a roll-back did, without what earlier ones of the run did. */
function undoneOf(
  { state, entities, leftovers, tables }: RollbackReport,
  earlier: RollbackReport | null,
): Undone {
  const counted = entities.filter(({ entity }) => tables?.includes(entity) ?? true);
  return {
    state,
    counts: Object.fromEntries(counted.map(({ entity, left, ...counts }) => {
      const known = earlier?.entities.find((row) => row.entity === entity);
      const all = {
        deleted: counts.deleted - (known?.deleted ?? 0),
        restored: counts.restored - (known?.restored ?? 0),
        released: counts.released - (known?.released ?? 0),
        left,
      };
      return [entity, Object.fromEntries(Object.entries(all).filter(([, rows]) => rows))];
    })),
    why: Object.fromEntries(leftovers.map(({ reason, sample }) => [reason, sample])),
  };
}

function contentsOf({ collections }: MemorySink): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, documents] of collections) {
    for (const [id, bytes] of documents) all[`${name}/${id}`] = BSON.ByteUtils.toHex(bytes);
  }
  return all;
}
