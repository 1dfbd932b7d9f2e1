import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type postgres from "postgres";
import { planFile, type PlanFileOptions } from "../../scripts/generate/sqlite/plan_file.ts";
import type { PipelinePlan } from "../../scripts/generate/sqlite/plan/pipeline_plan.ts";
import { writeMigration } from "../../scripts/generate/sqlite/write/write_migration.ts";
import { importSource, type SqliteImport } from "../../scripts/import/sqlite/import_source.ts";
import { openSource } from "../../scripts/import/sqlite/open_source.ts";
import { type AgainstReport, compareFile } from "../../scripts/verify/compare_file.ts";
import { createDatabase, type TestDatabase } from "./database.ts";
import { migrate, type RunOptions, type RunReport } from "./migration.ts";

/** A SQLite file, and a database that it moves into by a generated pipeline called shop. */
export interface SqlitePipeline extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly sql: postgres.Sql;
  /** Queries as service_role. */
  readonly engine: postgres.Sql;
  readonly folder: string;
  readonly file: string;
  /** Makes the file, or changes it. */
  make(sql: string, ...values: SQLInputValue[][]): void;
  /** Decides what the file becomes. */
  plan(options?: Partial<PlanFileOptions>): Promise<PipelinePlan>;
  /** Decides, and applies the migration. */
  generate(options?: Partial<PlanFileOptions>): Promise<PipelinePlan>;
  import(): Promise<SqliteImport>;
  migrate(options?: RunOptions): Promise<RunReport>;
  /** Compares the target with the file. */
  against(): Promise<AgainstReport>;
  /** Generates, imports and migrates. */
  move(options?: Partial<PlanFileOptions>): Promise<RunReport>;
  /** A target's rows as JSON, in the order of their text. */
  rows(table: string): Promise<Record<string, unknown>[]>;
  /** The reasons for which rows were rejected, by source key. */
  rejects(): Promise<Record<string, string[]>>;
}

/** Makes a folder for a SQLite file and an empty database. */
export async function sqlitePipeline(): Promise<SqlitePipeline> {
  const database = await createDatabase();
  const { sql } = database;
  const engine = database.as("service_role");
  const folder = await Deno.makeTempDir();
  const file = `${folder}/app.db`;
  const plan = async (options: Partial<PlanFileOptions> = {}) => {
    using source = await openSource(file);
    return await planFile(source, {
      pipeline: "shop",
      schema: "public",
      file: "app.db",
      tables: undefined,
      timestamps: true,
      json: true,
      snakeCase: false,
      ...options,
    });
  };
  const pipeline: SqlitePipeline = {
    database,
    sql,
    engine,
    folder,
    file,
    make: (statements, ...values) => {
      using made = new DatabaseSync(file, { enableForeignKeyConstraints: false });
      if (values.length === 0) made.exec(statements);
      else for (const row of values) made.prepare(statements).run(...row);
    },
    plan,
    generate: async (options) => {
      const planned = await plan(options);
      await sql.unsafe(writeMigration(planned));
      return planned;
    },
    import: async () => {
      using source = await openSource(file);
      return await importSource({ path: file, pipeline: "shop" }, source, database.url);
    },
    migrate: (options) => migrate(engine, "shop", options),
    against: () =>
      compareFile({ path: file, pipeline: "shop", samples: 5 }, () => {}, database.url),
    move: async (options) => {
      await pipeline.generate(options);
      await pipeline.import();
      return await pipeline.migrate();
    },
    rows: async (table) => {
      const found = await sql.unsafe(
        `select to_jsonb(row_) as row from ${table} as row_ order by row_::text`,
      );
      return found.map(({ row }) => row);
    },
    rejects: async () => {
      const found = await sql`
        select source_key, reasons from landfall.rejects where settled_by is null
        order by source_key`;
      return Object.fromEntries(found.map(({ source_key, reasons }) => [source_key, reasons]));
    },
    [Symbol.asyncDispose]: async () => {
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
  return pipeline;
}
