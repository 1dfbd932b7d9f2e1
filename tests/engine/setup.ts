import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { aPipeline, type EntityOptions, stage, stagingTable } from "../support/builders.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import * as migration from "../support/migration.ts";

/** A database with the pipeline "shop". */
export interface Setup extends AsyncDisposable {
  readonly database: TestDatabase;
  /** Queries as postgres, the owner. */
  readonly sql: postgres.Sql;
  /** Queries as service_role, the role that runs the engine. */
  readonly engine: postgres.Sql;
  /** Rehearses a run, runs it to its end, and holds that both report the same. */
  migrate(options?: migration.RunOptions): Promise<migration.RunReport>;
  /** Puts legacy rows over those of an entity, from r0001 on. */
  stage(rows: readonly unknown[], entity?: string): Promise<void>;
  /** A target's rows as JSON, by id. */
  rows(table?: string): Promise<Record<string, unknown>[]>;
  /** The rejects of a run, by source key. */
  rejects(runId?: number): Promise<Record<string, { reasons: string[]; details: string[] }>>;
}

/** Makes a database with a pipeline of the entities given; of one with defaults when none is. */
export async function setup(...entities: EntityOptions[]): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  const { sql } = database;
  const engine = database.as("service_role");
  const pipeline = await aPipeline(sql, { entities: entities.length ? entities : [{}] });
  const running = starting.move();
  return {
    database,
    sql,
    engine,
    migrate: async (options = {}) => {
      const rehearsed = await migration.dryRun(engine, pipeline, options);
      const report = await migration.migrate(engine, pipeline, options);
      assertEquals(migration.outcome(report), migration.outcome(rehearsed));
      return report;
    },
    stage: (rows, entity = "items") => stage(sql, stagingTable(pipeline, entity), rows),
    rows: async (table = "items") => {
      const rows = await sql.unsafe(
        `select to_jsonb(row_) as row from public."${table}" as row_ order by to_jsonb(row_) -> 'id'`,
      );
      return rows.map(({ row }) => row);
    },
    rejects: async (runId = 1) => {
      const rows = await sql`
        select source_key, reasons, details
        from landfall.rejects where run_id = ${runId} order by source_key`;
      return Object.fromEntries(
        rows.map(({ source_key, reasons, details }) => [source_key, { reasons, details }]),
      );
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
