/**
 * Loads legacy data from a file or a database: `deno task import <kind> <source> [flags]`.
 *
 * Reads      the source
 * Writes     schema staging of SUPABASE_DB_URL, or of the running local stack
 * Exit codes 0 loaded, 1 failed, 2 wrong usage, 3 loaded with rows left out
 */
import { importKv } from "./import/kv.ts";
import { importPostgres } from "./import/postgres.ts";
import { importSqlite } from "./import/sqlite.ts";
import { dispatch } from "./invoke/dispatch.ts";

/**
 * Imports a source of some kind.
 *
 * @param args The kind, the source and its flags.
 * @returns The exit code.
 */
export async function importFile(args: readonly string[]): Promise<number> {
  return await dispatch({
    verb: "import",
    kinds: "Kinds of sources",
    usage: "deno task import <kind> <source> [flags]",
    aftermath: "Nothing of the source is loaded.",
    commands: { kv: importKv, postgres: importPostgres, sqlite: importSqlite },
  }, args);
}

if (import.meta.main) Deno.exit(await importFile(Deno.args));
