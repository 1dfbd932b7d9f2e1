import { RunReport } from "../../supabase/functions/_shared/contract.ts";
import { follow } from "../invoke/follow.ts";
import { readFlags } from "../invoke/read_flags.ts";
import type { Target } from "../invoke/target.ts";

/** What a person types to run the pipeline. */
export const COMMAND = "deno task supabase functions invoke migrate-kv";

/**
 * Calls the edge function as the command line does, with a progress bar where there is a terminal.
 *
 * @param flags The command's flags, as typed.
 */
export async function migrate(target: Target, flags: readonly string[] = []): Promise<RunReport> {
  const never = new AbortController().signal;
  return RunReport.parse(
    await follow(target, readFlags("migrate-kv", flags), {}, never),
  );
}
