/**
 * Writes a pipeline for a legacy database: `deno task generate <kind> [file] [flags]`.
 *
 * Reads      the file, and a mapping
 * Writes     a migration in supabase/migrations, or a report on standard output
 * Exit codes 0 written, 1 failed, 2 wrong usage
 */
import { generateKv } from "./generate/kv.ts";
import { generateSqlite } from "./generate/sqlite.ts";
import { dispatch } from "./invoke/dispatch.ts";

/**
 * Generates a pipeline of some kind.
 *
 * @param args The kind, the file and its flags.
 * @returns The exit code.
 */
export async function generate(args: readonly string[]): Promise<number> {
  return await dispatch({
    verb: "generate",
    kinds: "Kinds of sources",
    usage: "deno task generate <kind> [file] [flags]",
    aftermath: "No migration is written.",
    commands: { sqlite: generateSqlite, kv: generateKv },
  }, args);
}

if (import.meta.main) Deno.exit(await generate(Deno.args));
