import { RollbackReport, VerificationReport } from "../../../supabase/functions/_shared/replies.ts";
import { call } from "../../demo/call.ts";
import { migrate } from "../../demo/kv/migrate.ts";
import { plainDeletes } from "./plain_deletes.ts";
import { plainInserts } from "./plain_inserts.ts";
import { runScript } from "./run_script.ts";
import type { Workbench } from "../measure/workbench.ts";

/** How long one way of migrating took. */
export interface Timing {
  /** Source records that were dealt with, rejects included. */
  readonly rows: number;
  readonly ms: number;
  /** Of the pipeline only; the others would fail. */
  readonly rejected?: number;
  /** The most memory the program that does the work has held, where it is known. */
  readonly peakBytes?: number | null;
}

/**
 * Has the transforms read a store, by a run of a row. The first time, it also has everything loaded
 * that a first call loads.
 */
export async function bindStore({ target }: Workbench, store: string): Promise<void> {
  await migrate(target, ["--source", `public.${store}`, "--limit", "1"]);
}

/** (a): what any migration must write, and nothing else. */
export async function measurePlain({ sql }: Workbench): Promise<Timing> {
  const start = performance.now();
  const rows = await plainInserts(sql);
  return { rows, ms: performance.now() - start };
}

/**
 * (b) and (f): the pipeline, through the edge function.
 *
 * @throws {Error} when the run does not end well.
 */
export async function measurePipeline(
  { target }: Workbench,
  store: string,
  workers: number,
): Promise<Timing> {
  const start = performance.now();
  const flags = ["--source", `public.${store}`, "--workers", String(workers)];
  const { state, error, entities } = await migrate(target, flags);
  const ms = performance.now() - start;
  if (state !== "completed") throw new Error(`The run ended as ${state}: ${error?.message}`);
  return {
    rows: entities.reduce((sum, { source }) => sum + source, 0),
    rejected: entities.reduce((sum, { rejected }) => sum + rejected, 0),
    ms,
  };
}

/** (c) and (d): a script of this folder, as a process of its own. */
export async function measureScript(
  { target }: Workbench,
  name: string,
  store: string,
): Promise<Timing> {
  return await runScript(name, store, target);
}

/**
 * (e): a comparison of every row with its source, through the edge function.
 *
 * @throws {Error} when it finds a difference.
 */
export async function measureVerification({ target }: Workbench): Promise<Timing> {
  const start = performance.now();
  const reply = await call(target, "verify", ["--pipeline", "kv"]);
  const ms = performance.now() - start;
  const { state, entities } = VerificationReport.parse(reply);
  if (state !== "clean") throw new Error(`The verification ended as ${state}`);
  return { rows: entities.reduce((sum, { source }) => sum + source, 0), ms };
}

/** (g): what any undo must delete, and nothing else. */
export async function measurePlainDeletes({ sql }: Workbench): Promise<Timing> {
  return await plainDeletes(sql);
}

/**
 * (h): the roll-back of the run that filled the tables, through the edge function.
 *
 * @throws {Error} when it leaves a row.
 */
export async function measureRollback({ sql, target }: Workbench): Promise<Timing> {
  const [run] = await sql<{ id: number }[]>`select min(id)::int as id from landfall.runs`;
  const start = performance.now();
  const reply = await call(target, "rollback", ["--run-id", String(run!.id), "--confirm"]);
  const ms = performance.now() - start;
  const { state, entities, leftovers } = RollbackReport.parse(reply);
  if (state !== "rolled_back" || leftovers.length > 0) {
    throw new Error(`The roll-back ended as ${state}: ${JSON.stringify(leftovers)}`);
  }
  return { rows: entities.reduce((sum, { deleted }) => sum + deleted, 0), ms };
}
