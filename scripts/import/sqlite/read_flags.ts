import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { ImportOptions } from "./plan_import.ts";

/** What is imported, and how it is reported. */
export interface SqliteFlags extends ImportOptions {
  readonly json: boolean;
}

const USAGE = "deno task import sqlite <file> --pipeline <name> [--tables a,b] [--json]";

/**
 * Reads the file and flags of `import sqlite`.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readSqliteFlags(["app.db", "--pipeline", "jobs", "--tables", "users,jobs"]), {
 *   path: "app.db",
 *   pipeline: "jobs",
 *   tables: ["users", "jobs"],
 *   json: false,
 * });
 * ```
 */
export function readSqliteFlags(args: readonly string[]): SqliteFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const flags = parseArgs([...args], {
    string: ["_", "pipeline", "tables"],
    boolean: ["json"],
    unknown: (arg: string, flag?: string) => {
      if (flag !== undefined) throw wrong(`Unknown flag ${arg}`);
    },
  }) as { _: string[]; pipeline?: string; tables?: string; json: boolean };

  const [path, another] = flags._;
  if (path === undefined) throw wrong("No file to import");
  if (another !== undefined) throw wrong("One file is imported at a time");
  const { pipeline, json } = flags;
  if (pipeline === undefined) throw wrong("--pipeline names the pipeline to import for");
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(pipeline)) {
    throw wrong("--pipeline needs the name of a pipeline: lower case letters, digits and _");
  }
  const tables = flags.tables?.split(",");
  if (tables?.includes("")) throw wrong("--tables needs names, with commas between them");
  return { path, pipeline, tables, json };
}
