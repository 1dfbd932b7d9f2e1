import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** What is asked for. */
export interface PostgresOptions {
  readonly pipeline: string;
  /** The schema of the source. */
  readonly schema: string;
  /** Names of tables of the source; left out, the pipeline decides. */
  readonly tables?: readonly string[] | undefined;
  /** Keys of the companies whose rows are read; none for all rows. */
  readonly companies: readonly string[];
  /** Conditions by table of the source. */
  readonly conditions: Readonly<Record<string, string>>;
}

/** What is imported, and how it is reported. */
export interface PostgresFlags extends PostgresOptions {
  /** A connection URL, or the path of a dump. */
  readonly from: string;
  readonly json: boolean;
}

const USAGE = "deno task import postgres <url | dump> --pipeline <name> [--schema s] " +
  '[--tables a,b] [--source-company key]… [--where table:"condition"]… [--json]';
const SINGLE = ["pipeline", "schema", "tables"];

/**
 * Reads the source and flags of `import postgres`.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const args = ["crm.dump", "--pipeline", "crm", "--where", "leads:interest > 3"];
 * assertEquals(readPostgresFlags(args), {
 *   from: "crm.dump",
 *   pipeline: "crm",
 *   schema: "public",
 *   tables: undefined,
 *   companies: [],
 *   conditions: { leads: "interest > 3" },
 *   json: false,
 * });
 * ```
 */
export function readPostgresFlags(args: readonly string[]): PostgresFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const flags = parseArgs([...args], {
    string: ["_", ...SINGLE, "source-company", "where"],
    boolean: ["json"],
    collect: [...SINGLE, "source-company", "where"],
    unknown: (arg: string, flag?: string) => {
      if (flag !== undefined) throw wrong(`Unknown flag ${arg}`);
    },
  }) as unknown as { _: string[]; json: boolean } & Record<string, string[] | undefined>;

  const once = (name: string): string | undefined => {
    const [value, another] = flags[name] ?? [];
    if (another !== undefined) throw wrong(`--${name} is given twice`);
    return value;
  };
  const [from, another] = flags._;
  if (from === undefined || from === "") throw wrong("No database and no dump to import");
  if (another !== undefined) throw wrong("One source is imported at a time");
  const pipeline = once("pipeline");
  if (pipeline === undefined) throw wrong("--pipeline names the pipeline to import for");
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(pipeline)) {
    throw wrong("--pipeline needs the name of a pipeline: lower case letters, digits and _");
  }
  const schema = once("schema") ?? "public";
  if (schema === "") throw wrong("--schema needs the name of a schema");
  const tables = once("tables")?.split(",").map((name) => name.trim());
  if (tables?.includes("")) throw wrong("--tables needs names, with commas between them");
  const companies = flags["source-company"] ?? [];
  if (companies.includes("")) throw wrong("--source-company needs the key of a company");
  return {
    from,
    pipeline,
    schema,
    tables,
    companies: [...new Set(companies)],
    conditions: readConditions(flags.where ?? [], wrong),
    json: flags.json,
  };
}

function readConditions(
  texts: readonly string[],
  wrong: (message: string) => LandfallError,
): Record<string, string> {
  const conditions = new Map<string, string>();
  for (const text of texts) {
    const [, table, condition] = /^([^:]+):([^]*\S[^]*)$/.exec(text) ?? [];
    if (table === undefined || condition === undefined) {
      throw wrong(`--where needs a table and a condition, such as --where "leads:interest > 3"`);
    }
    if (conditions.has(table)) {
      throw wrong(`--where is given twice for ${table}: join the conditions with and`);
    }
    conditions.set(table, condition.trim());
  }
  return Object.fromEntries(conditions);
}
