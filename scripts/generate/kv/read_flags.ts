import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { MigrationFlags } from "../migration_file.ts";
import { checkPipelineFlags } from "../check_pipeline_flags.ts";

/** What is generated, and how. */
export interface GenerateKvFlags extends MigrationFlags {
  /** The store's table; left out, the only one there is. */
  readonly table: string | undefined;
  /** A file of lines `{"key": …, "value": …}`. */
  readonly file: string | undefined;
  /** The schema of the targets. */
  readonly schema: string;
  /** A file that says what should be otherwise. */
  readonly mapping: string | undefined;
  /** Whether only the report is shown. */
  readonly report: boolean;
  /** Whether the report is printed as JSON. */
  readonly json: boolean;
}

const USAGE = "deno task generate kv [--table kv_store_… | --file store.ndjson] " +
  "--name <pipeline> [--schema s] [--mapping file.json] [--report] [--output file.sql] " +
  "[--replace] [--json]";
const TEXTS = ["name", "table", "file", "schema", "mapping", "output"] as const;
const SWITCHES = ["report", "replace", "json"] as const;

/**
 * Reads the flags of `generate kv`.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { file, table, pipeline } = readGenerateKvFlags(["--file", "app.ndjson", "--name", "shop"]);
 *
 * assertEquals([file, table, pipeline], ["app.ndjson", undefined, "shop"]);
 * ```
 */
export function readGenerateKvFlags(args: readonly string[]): GenerateKvFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const flags = parseArgs([...args], {
    string: ["_", ...TEXTS],
    boolean: [...SWITCHES],
    unknown: (arg: string, flag?: string) => {
      if (flag !== undefined) throw wrong(`Unknown flag ${arg}`);
    },
  }) as
    & { _: string[] }
    & Partial<Record<(typeof TEXTS)[number], string>>
    & Record<(typeof SWITCHES)[number], boolean>;

  for (const name of TEXTS) {
    if (flags[name] === "") throw wrong(`--${name} needs a value`);
    if (Array.isArray(flags[name])) throw wrong(`--${name} is given twice`);
  }
  if (flags._.length > 0) {
    throw wrong(`A file is named by --file, a table by --table: ${flags._[0]}`);
  }
  const { name, table, file, schema = "public" } = flags;
  if (table !== undefined && file !== undefined) {
    throw wrong("A store is read from a table or from a file, not from both");
  }
  const pipeline = checkPipelineFlags(name, schema, wrong);
  return {
    table,
    file,
    pipeline,
    schema,
    mapping: flags.mapping,
    output: flags.output,
    replace: flags.replace,
    report: flags.report,
    json: flags.json,
  };
}
