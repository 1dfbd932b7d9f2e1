import { basename, join } from "@std/path";
import type postgres from "postgres";
import { planFile } from "../../generate/sqlite/plan_file.ts";
import { writeMigration } from "../../generate/sqlite/write/write_migration.ts";
import { importSource } from "../../import/sqlite/import_source.ts";
import { openSource } from "../../import/sqlite/open_source.ts";
import { compareFile } from "../../verify/compare_file.ts";
import { runWorkers } from "../measure/run_workers.ts";
import { runPgloader } from "./run_pgloader.ts";
import type { Workbench } from "./workbench.ts";

/** How long the parts of the whole way took, in milliseconds. */
export interface WholeTiming {
  /** Reading the file and writing the migration: once for a file. */
  readonly generate: number;
  readonly import: number;
  readonly migrate: number;
  /** Every row against what was imported. */
  readonly verify: number;
  /** Every row against the file. */
  readonly against: number;
  /** All rows with a target. */
  readonly rows: number;
}

const PIPELINE = "whole";

/**
 * The whole way of a file by a generated pipeline, into tables with keys and types of their own: two
 * workers, all checks, lineage.
 *
 * @throws {Error} when a row has no target, or is another than the file says.
 */
export async function measureWhole({ sql, databaseUrl, file }: Workbench): Promise<WholeTiming> {
  await clear(sql);
  using source = await openSource(file);
  const start = performance.now();
  const plan = await planFile(source, {
    pipeline: PIPELINE,
    schema: PIPELINE,
    file: basename(file),
    tables: undefined,
    timestamps: true,
    json: true,
    snakeCase: false,
  });
  const migration = writeMigration(plan);
  const generated = performance.now();
  await sql.unsafe(migration);
  const importing = performance.now();
  await importSource({ path: file, pipeline: PIPELINE }, source, databaseUrl);
  const imported = performance.now();
  await runWorkers(sql, databaseUrl, PIPELINE);
  const migrated = performance.now();
  await sql`select landfall.verify(${PIPELINE})`;
  const verified = performance.now();
  const { entities } = await compareFile(
    { path: file, pipeline: PIPELINE, samples: 1 },
    () => {},
    databaseUrl,
  );
  const compared = performance.now();
  const [found] = await sql<{ differences: number }[]>`
    select count(*)::int as differences from landfall.differences`;
  if (found!.differences > 0 || entities.some(({ rows, same }) => same < rows)) {
    throw new Error("The whole way does not end with what the file says");
  }
  return {
    generate: generated - start,
    import: imported - importing,
    migrate: migrated - imported,
    verify: verified - migrated,
    against: compared - verified,
    rows: entities.reduce((sum, { same }) => sum + same, 0),
  };
}

/** pgloader into tables that it makes itself, with its keys and indexes. */
export async function measurePgloaderWhole(
  { sql, databaseUrl, file, folder }: Workbench,
): Promise<{ ms: number } | string> {
  await sql`drop schema if exists pgloader_whole cascade`;
  await sql`create schema pgloader_whole`;
  return await runPgloader(
    join(folder, "whole.load"),
    `load database from sqlite://${file} into ${databaseUrl}
     with include drop, create tables, create indexes, reset sequences
     set search_path to 'pgloader_whole';`,
  );
}

async function clear(sql: postgres.Sql): Promise<void> {
  await sql`drop schema if exists whole cascade`;
  await sql`delete from landfall.verifications where true`;
  await sql`truncate landfall.lineage`;
  await sql`delete from landfall.runs where true`;
  await sql`delete from landfall.pipelines where name = ${PIPELINE}`;
  const tables = await sql<{ name: string }[]>`
    select oid::regclass::text as name from pg_class
    where relnamespace = 'staging'::regnamespace and relkind = 'r' and relname like 'whole\\_%'`;
  for (const { name } of tables) await sql.unsafe(`drop table ${name} cascade`);
}
