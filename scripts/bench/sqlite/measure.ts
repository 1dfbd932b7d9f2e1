import { fromFileUrl, join } from "@std/path";
import { peakMemory } from "../measure/peak_memory.ts";
import { runPgloader } from "./run_pgloader.ts";
import { PGLOADER_SCHEMA, TABLES } from "./tables.ts";
import type { Workbench } from "./workbench.ts";

/** How long a way of loading the file took. */
export interface Timing {
  readonly ms: number;
  /** The most memory that the program has held, where it is known. */
  readonly peakBytes?: number | null;
}

const IMPORT = fromFileUrl(new URL("../../import.ts", import.meta.url));

/** (a): what any import must do at least: the server reads text files, in one transaction. */
export async function measureCopy({ admin, folder }: Workbench): Promise<Timing> {
  const start = performance.now();
  await admin.begin(async (transaction) => {
    for (const table of Object.keys(TABLES)) {
      await transaction.unsafe(`truncate staging.bench_${table}`);
      await transaction.unsafe(`copy staging.bench_${table} from '${join(folder, table)}'`);
    }
  });
  return { ms: performance.now() - start };
}

/**
 * (b): the import, as a process of its own; its start is not counted.
 *
 * @throws {Error} when it does not load every row.
 */
export async function measureImport({ file, databaseUrl }: Workbench): Promise<Timing> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", IMPORT, "sqlite", file, "--pipeline=bench", "--json"],
    env: { SUPABASE_DB_URL: databaseUrl },
    stdout: "piped",
  }).spawn();
  let peakBytes: number | null = null;
  const watch = setInterval(async () => {
    peakBytes = await peakMemory(process.pid).catch(() => null) ?? peakBytes;
  }, 20);
  const { code, stdout } = await process.output();
  clearInterval(watch);
  const report = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`The import ended with ${code}: ${report}`);
  return { ms: JSON.parse(report).durationMs, peakBytes };
}

/** (c): pgloader, into tables of the same columns and keys. */
export async function measurePgloader(
  { file, databaseUrl, folder }: Workbench,
): Promise<Timing | string> {
  return await runPgloader(
    join(folder, "pgloader.load"),
    `load database from sqlite://${file} into ${databaseUrl}
     with data only, truncate set search_path to '${PGLOADER_SCHEMA}';`,
  );
}

/** Counts the rows of all tables and sums their hashes, so that two loads can be compared. */
export async function fingerprint(
  { sql }: Workbench,
  schema: string,
): Promise<string> {
  const parts: string[] = [];
  for (const table of Object.keys(TABLES)) {
    const [found] = await sql.unsafe<{ print: string }[]>(`
      select count(*) || ' ' || coalesce(sum(hashtextextended(rows::text, 0)), 0) as print
      from ${schema === PGLOADER_SCHEMA ? `${schema}.` : `${schema}.bench_`}${table} as rows
    `);
    parts.push(`${table} ${found!.print}`);
  }
  return parts.join(", ");
}
