import { RunReport } from "../../../supabase/functions/_shared/replies.ts";
import type { Target } from "../../invoke/target.ts";
import { call } from "../call.ts";

/** What a person types to run the pipeline. */
export const COMMAND = "deno task supabase functions invoke migrate-kv";

/**
 * Runs the pipeline, or rehearses it.
 *
 * @param flags The command's flags, as typed.
 */
export async function migrate(target: Target, flags: readonly string[] = []): Promise<RunReport> {
  return RunReport.parse(await call(target, "migrate-kv", flags));
}
