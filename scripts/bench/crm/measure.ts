import { fromFileUrl } from "@std/path";
import { runProcess } from "../measure/run_process.ts";
import { runWorkers } from "../measure/run_workers.ts";
import { companyKey } from "./make_source.ts";
import type { Workbench } from "./workbench.ts";

/** How long a move took, in milliseconds, and what it moved. */
export interface Move {
  readonly import: number;
  readonly migrate: number;
  /** Rows of the target, custom fields aside. */
  readonly rows: number;
  /** Bytes that the import has held at most; null where they cannot be known. */
  readonly peakBytes: number | null;
}

/** What the script of select_and_insert.ts says of its work. */
export interface ScriptReport {
  readonly rows: number;
  readonly ms: number;
  readonly peakBytes: number | null;
}

const IMPORT = fromFileUrl(new URL("../../import.ts", import.meta.url));
const SCRIPT = fromFileUrl(new URL("select_and_insert.ts", import.meta.url));

/**
 * Imports all companies or one, by a process of its own whose start is not counted, and migrates
 * them by two workers.
 *
 * @throws {Error} when a row is rejected.
 */
export async function measureMove(bench: Workbench, company?: number): Promise<Move> {
  await bench.clean();
  const key = company === undefined ? undefined : companyKey(company);
  const imported = await runProcess([
    IMPORT,
    "postgres",
    bench.sourceUrl,
    "--pipeline=crm",
    "--json",
    ...(key === undefined ? [] : [`--source-company=${key}`]),
  ], { SUPABASE_DB_URL: bench.targetUrl });
  const start = performance.now();
  await runWorkers(
    bench.sql,
    bench.targetUrl,
    "crm",
    key === undefined ? {} : { sourceCompany: [key] },
  );
  const migrate = performance.now() - start;
  const [found] = await bench.sql<{ rejected: number }[]>`
    select count(*)::int as rejected from landfall.rejects`;
  if (found!.rejected > 0) throw new Error(`${found!.rejected} rows are rejected`);
  return {
    import: JSON.parse(imported.stdout).durationMs,
    migrate,
    rows: await countRows(bench),
    peakBytes: imported.peakBytes,
  };
}

/** Verifies what was moved last, and returns how long that took. */
export async function measureVerify({ sql }: Workbench): Promise<number> {
  const start = performance.now();
  const [row] = await sql<{ state: string }[]>`select landfall.verify('crm') ->> 'state' as state`;
  if (row!.state !== "clean") throw new Error("What was moved is not what the transforms give");
  return performance.now() - start;
}

/** Moves everything by the script, as a process of its own. */
export async function measureScript(bench: Workbench): Promise<ScriptReport> {
  await bench.clean();
  return JSON.parse((await runProcess([SCRIPT, bench.sourceUrl, bench.targetUrl], {})).stdout);
}

async function countRows({ sql }: Workbench): Promise<number> {
  const [row] = await sql<{ rows: number }[]>`
    select (
      (select count(*) from crm.organizations) + (select count(*) from crm.leads) +
      (select count(*) from crm.conversions) + (select count(*) from crm.segments)
    )::int as rows`;
  return row!.rows;
}
