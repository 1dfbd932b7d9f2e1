import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** What a benchmark takes, beside `--records`, `--runs` and `--json`. */
export interface BenchUsage {
  readonly name: string;
  /** How many records it makes when nobody says. */
  readonly records: number;
  /** Flags without a value. */
  readonly switches?: readonly string[];
}

/** How a benchmark is done. */
export interface BenchFlags {
  readonly records: number;
  readonly runs: number;
  readonly json: boolean;
  /** The switches that are given. */
  readonly switches: readonly string[];
}

/**
 * Reads the flags of a benchmark.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const usage = { name: "kv", records: 100_000, switches: ["clean-only"] };
 *
 * assertEquals(readBenchFlags(usage, ["--records", "20000", "--clean-only"]), {
 *   records: 20_000,
 *   runs: 3,
 *   json: false,
 *   switches: ["clean-only"],
 * });
 * ```
 */
export function readBenchFlags(
  { name, records, switches = [] }: BenchUsage,
  args: readonly string[],
): BenchFlags {
  const optional = ["records N", "runs N", ...switches, "json"].map((flag) => `[--${flag}]`);
  const wrong = (message: string) =>
    new LandfallError("LF008", message, {
      hint: `Usage: deno task bench ${name} ${optional.join(" ")}.`,
    });
  const flags = parseArgs([...args], {
    string: ["records", "runs"],
    boolean: [...switches, "json"],
    default: { records: String(records), runs: "3" },
    unknown: (arg: string) => {
      throw wrong(`Unknown argument ${arg}`);
    },
  }) as Record<string, unknown>;
  const number = (flag: "records" | "runs", least: number) => {
    const value = Number(flags[flag]);
    if (Number.isInteger(value) && value >= least) return value;
    throw wrong(`--${flag} must be a whole number of at least ${least}: it is ${flags[flag]}`);
  };
  return {
    records: number("records", 1_000),
    runs: number("runs", 1),
    json: flags.json === true,
    switches: switches.filter((flag) => flags[flag] === true),
  };
}
