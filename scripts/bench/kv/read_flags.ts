import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** How the benchmark is done. */
export interface BenchFlags {
  readonly records: number;
  readonly runs: number;
  /** Leave out the dirty stores. */
  readonly cleanOnly: boolean;
  readonly json: boolean;
}

const USAGE = "deno task bench kv [--records N] [--runs N] [--clean-only] [--json]";

/**
 * Reads the flags of `bench kv`.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readBenchFlags(["--records", "20000"]), {
 *   records: 20_000,
 *   runs: 3,
 *   cleanOnly: false,
 *   json: false,
 * });
 * ```
 */
export function readBenchFlags(args: readonly string[]): BenchFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const flags = parseArgs([...args], {
    string: ["records", "runs"],
    boolean: ["clean-only", "json"],
    default: { records: "100000", runs: "3" },
    unknown: (arg: string) => {
      throw wrong(`Unknown argument ${arg}`);
    },
  });
  const number = (name: "records" | "runs", least: number) => {
    const value = Number(flags[name]);
    if (Number.isInteger(value) && value >= least) return value;
    throw wrong(`--${name} must be a whole number of at least ${least}: it is ${flags[name]}`);
  };
  return {
    records: number("records", 1_000),
    runs: number("runs", 1),
    cleanOnly: flags["clean-only"],
    json: flags.json,
  };
}
