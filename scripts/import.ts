/**
 * Loads legacy data from a file: `deno task import <kind> <file> [flags]`.
 *
 * Reads      the file
 * Writes     schema staging of SUPABASE_DB_URL, or of the running local stack
 * Exit codes 0 loaded, 1 failed, 2 wrong usage
 */
import { redact } from "../supabase/functions/_shared/core/redact.ts";
import { LandfallError } from "../supabase/functions/_shared/errors.ts";
import { importKv } from "./import/kv.ts";
import { EXIT, exitOfFailure } from "./invoke/exit_code.ts";
import { printFailure } from "./invoke/print_failure.ts";

const KINDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  kv: importKv,
};

/**
 * Imports a file of some kind.
 *
 * @param args The kind, the file and its flags.
 * @returns The exit code.
 */
export async function importFile(args: readonly string[]): Promise<number> {
  try {
    const [kind = "", ...rest] = args;
    const importer = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (!importer) throw unknownKind(kind);
    await importer(rest);
    return EXIT.clean;
  } catch (error) {
    const failure = error instanceof LandfallError ? error : unexpected(error);
    if (args.includes("--json")) console.log(JSON.stringify(failure));
    printFailure(failure);
    return exitOfFailure(failure);
  }
}

function unknownKind(kind: string): LandfallError {
  const message = kind === "" ? "Nothing to import" : `Cannot import ${JSON.stringify(kind)}`;
  return new LandfallError("LF008", message, {
    details: `Kinds of files are ${Object.keys(KINDS).join(", ")}.`,
    hint: "Usage: deno task import kv <file.ndjson> [--pipeline kv] [--json].",
  });
}

function unexpected(error: unknown): LandfallError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new LandfallError("LF007", "The import failed unexpectedly", {
    details: redact(`${name}: ${message}`),
    hint: "Nothing of the file is loaded.",
    cause: error,
  });
}

if (import.meta.main) Deno.exit(await importFile(Deno.args));
