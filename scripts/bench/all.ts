import { fromFileUrl } from "@std/path";
import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { type Line, linesOf } from "./all/lines.ts";
import { showAll } from "./all/show_all.ts";
import type { Machine } from "./measure/machine.ts";
import { runProcess } from "./measure/run_process.ts";

/** What was measured, as `--json` prints it. */
export interface AllBench {
  readonly bench: "all";
  /** The day, as 2026-11-28. */
  readonly date: string;
  readonly machine: Machine;
  readonly runs: number;
  /** Records made, the fewest first. */
  readonly sizes: readonly number[];
  /** For each size, what each benchmark says. */
  readonly lines: readonly (readonly Line[])[];
}

const BENCHES: Readonly<Record<string, readonly string[]>> = {
  kv: ["--clean-only"],
  sqlite: [],
  crm: [],
  documents: [],
  users: [],
};
const SIZES = [10_000, 100_000, 1_000_000];
const USAGE = "Usage: deno task bench [--sizes 10000,100000,1000000] [--runs 5] [--json].";

/**
 * Measures everything at several sizes, and shows it as one table of ratios.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchAll(args: readonly string[]): Promise<void> {
  const { sizes, runs, json } = readFlags(args);
  const script = fromFileUrl(new URL("../bench.ts", import.meta.url));
  let machine: Machine | undefined;
  const lines: Line[][] = [];
  for (const size of sizes) {
    const found: Line[] = [];
    for (const [bench, switches] of Object.entries(BENCHES)) {
      console.error(`${bench}, ${size.toLocaleString("en-US")} records`);
      const flags = ["--records", String(size), "--runs", String(runs), "--json", ...switches];
      const measured = JSON.parse((await runProcess([script, bench, ...flags], {})).stdout);
      machine = measured.machine;
      found.push(...linesOf(measured));
    }
    lines.push(found);
  }
  const date = new Date().toISOString().slice(0, 10);
  const measured: AllBench = { bench: "all", date, machine: machine!, runs, sizes, lines };
  console.log(json ? JSON.stringify(measured) : ["", ...showAll(measured)].join("\n"));
}

function readFlags(args: readonly string[]): { sizes: number[]; runs: number; json: boolean } {
  const wrong = (message: string) => new LandfallError("LF008", message, { hint: USAGE });
  const flags = parseArgs([...args], {
    string: ["sizes", "runs"],
    boolean: ["json"],
    default: { sizes: SIZES.join(","), runs: "5" },
    unknown: (arg: string) => {
      throw wrong(`Unknown argument ${arg}`);
    },
  });
  const number = (text: string, what: string, least: number) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw wrong(`${what} must be a whole number of at least ${least}: it is ${text}`);
  };
  return {
    sizes: String(flags.sizes).split(",").map((size: string) =>
      number(size, "Each of --sizes", 1_000)
    )
      .toSorted((one: number, other: number) => one - other),
    runs: number(String(flags.runs), "--runs", 1),
    json: flags.json === true,
  };
}
