/**
 * Hands out what runs have rejected: `deno task rejects export [flags]`.
 *
 * Reads      schema landfall of SUPABASE_DB_URL, or of the running local stack
 * Writes     standard output, or the file that is named
 * Exit codes 0 done, also when there are none; 1 failed; 2 wrong usage
 */
import { dispatch } from "./invoke/dispatch.ts";
import { exportRejects } from "./rejects/export_rejects.ts";
import { USAGE } from "./rejects/read_flags.ts";

/**
 * Does something with rejects.
 *
 * @param args What to do, and its flags.
 * @returns The exit code.
 */
export async function rejects(args: readonly string[]): Promise<number> {
  return await dispatch({
    verb: "do",
    kinds: "Commands",
    usage: USAGE,
    aftermath: "No file is left behind.",
    commands: { export: exportRejects },
  }, args);
}

if (import.meta.main) Deno.exit(await rejects(Deno.args));
