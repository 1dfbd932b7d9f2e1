/**
 * Exports what a pipeline makes: `deno task export <kind> [flags]`.
 *
 * Reads      SUPABASE_DB_URL, or the database of the running local stack
 * Writes     files, or a MongoDB
 * Exit codes 0 exported, 1 failed, 2 wrong usage, 3 exported with rows left out
 */
import { exportDocuments } from "./export/documents.ts";
import { USAGE } from "./export/read_flags.ts";
import { dispatch } from "./invoke/dispatch.ts";

/**
 * Exports something.
 *
 * @param args The kind and its flags.
 * @returns The exit code.
 */
export async function exportKind(args: readonly string[]): Promise<number> {
  return await dispatch({
    verb: "export",
    kinds: "Kinds",
    usage: USAGE,
    aftermath: "No file is left behind; what a MongoDB acknowledged stays in it.",
    commands: { documents: exportDocuments },
  }, args);
}

if (import.meta.main) Deno.exit(await exportKind(Deno.args));
