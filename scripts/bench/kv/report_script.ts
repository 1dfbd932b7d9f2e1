import { dataApi, type SupabaseClient } from "../../demo/kv/data_api.ts";
import { findTarget } from "../../invoke/target.ts";
import { peakMemory } from "../measure/peak_memory.ts";

/** What a script says of its work, as a line of JSON. */
export interface ScriptReport {
  readonly rows: number;
  /** Without the start of the process. */
  readonly ms: number;
  readonly peakBytes: number | null;
}

/**
 * Times a script's work and prints a {@linkcode ScriptReport}.
 *
 * @param work Takes the client and the store's table, which is the process's argument; gives the
 * rows it wrote.
 */
export async function reportScript(
  work: (client: SupabaseClient, store: string) => Promise<number>,
): Promise<void> {
  const client = dataApi(findTarget());
  const start = performance.now();
  const rows = await work(client, Deno.args[0]!);
  const ms = performance.now() - start;
  const report: ScriptReport = { rows, ms, peakBytes: await peakMemory(Deno.pid) };
  console.log(JSON.stringify(report));
}
