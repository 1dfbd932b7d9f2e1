/**
 * Loads legacy data from a file: `deno task import <kind> <file> [flags]`.
 *
 * Reads      the file
 * Writes     schema staging of SUPABASE_DB_URL, or of the running local stack
 * Exit codes 0 loaded, 1 failed, 2 wrong usage, 3 loaded with rows left out
 */
import { importKv } from "./import/kv.ts";
import { importSqlite } from "./import/sqlite.ts";
import { dispatch } from "./invoke/dispatch.ts";

/**
 * Imports a file of some kind.
 *
 * @param args The kind, the file and its flags.
 * @returns The exit code.
 */
export async function importFile(args: readonly string[]): Promise<number> {
  return await dispatch({
    verb: "import",
    kinds: "Kinds of files",
    usage: "deno task import <kind> <file> [flags]",
    aftermath: "Nothing of the file is loaded.",
    commands: { kv: importKv, sqlite: importSqlite },
  }, args);
}

if (import.meta.main) Deno.exit(await importFile(Deno.args));
