import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** How the benchmark is done. */
export interface SqliteBenchFlags {
  /** Rows of all tables together. */
  readonly records: number;
  readonly runs: number;
  readonly json: boolean;
}

const USAGE = "deno task bench sqlite [--records N] [--runs N] [--json]";

/**
 * Reads the flags of `bench sqlite`.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readSqliteFlags([]), { records: 1_100_000, runs: 3, json: false });
 * ```
 */
export function readSqliteFlags(args: readonly string[]): SqliteBenchFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const flags = parseArgs([...args], {
    string: ["records", "runs"],
    boolean: ["json"],
    default: { records: "1100000", runs: "3" },
    unknown: (arg: string) => {
      throw wrong(`Unknown argument ${arg}`);
    },
  });
  const number = (name: "records" | "runs", least: number) => {
    const value = Number(flags[name]);
    if (Number.isInteger(value) && value >= least) return value;
    throw wrong(`--${name} must be a whole number of at least ${least}: it is ${flags[name]}`);
  };
  return { records: number("records", 1_000), runs: number("runs", 1), json: flags.json };
}
