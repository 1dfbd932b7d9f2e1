import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { checkPipelineFlags } from "../check_pipeline_flags.ts";
import type { MigrationFlags } from "../migration_file.ts";

/** What is generated, and how. */
export interface GenerateFlags extends MigrationFlags {
  readonly path: string;
  /** The schema of the targets. */
  readonly schema: string;
  /** Names of the file's tables; left out, all of them. */
  readonly tables: readonly string[] | undefined;
  /** A file that says what should be otherwise. */
  readonly mapping: string | undefined;
  readonly timestamps: boolean;
  readonly json: boolean;
  readonly snakeCase: boolean;
  /** Whether only the report is shown. */
  readonly report: boolean;
  /** Whether the report is printed as JSON. */
  readonly asJson: boolean;
}

const USAGE = "deno task generate sqlite <file> --name <pipeline> [--schema s] [--tables a,b] " +
  "[--mapping file.json] [--snake-case] [--no-timestamps] [--no-json] [--report] " +
  "[--output file.sql] [--replace] [--json]";
const TEXTS = ["name", "schema", "tables", "mapping", "output"] as const;
const SWITCHES = ["timestamps", "json", "snake-case", "report", "replace"] as const;

/**
 * Reads the file and flags of `generate sqlite`. `--json` prints JSON; `--no-json` keeps texts that
 * hold JSON texts.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { path, pipeline, schema, json, asJson } = readGenerateFlags(
 *   ["app.db", "--name", "shop", "--no-json"],
 * );
 *
 * assertEquals({ path, pipeline, schema, json, asJson }, {
 *   path: "app.db",
 *   pipeline: "shop",
 *   schema: "public",
 *   json: false,
 *   asJson: false,
 * });
 * ```
 */
export function readGenerateFlags(args: readonly string[]): GenerateFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const flags = parseArgs([...args], {
    string: ["_", ...TEXTS],
    boolean: [...SWITCHES],
    negatable: ["timestamps", "json"],
    default: { timestamps: true },
    unknown: (arg: string, flag?: string) => {
      if (flag !== undefined) throw wrong(`Unknown flag ${arg}`);
    },
  }) as
    & { _: string[] }
    & Partial<Record<(typeof TEXTS)[number], string>>
    & Record<(typeof SWITCHES)[number], boolean>;

  const [path, another] = flags._;
  if (path === undefined) throw wrong("No file to read");
  if (another !== undefined) throw wrong("One file is read at a time");
  for (const name of TEXTS) if (flags[name] === "") throw wrong(`--${name} needs a value`);
  const { name, schema = "public" } = flags;
  const pipeline = checkPipelineFlags(name, schema, wrong);
  const tables = flags.tables?.split(",");
  if (tables?.includes("")) throw wrong("--tables needs names, with commas between them");
  return {
    path,
    pipeline,
    schema,
    tables,
    mapping: flags.mapping,
    output: flags.output,
    replace: flags.replace,
    timestamps: flags.timestamps,
    json: !args.includes("--no-json"),
    snakeCase: flags["snake-case"],
    report: flags.report,
    asJson: args.includes("--json"),
  };
}
