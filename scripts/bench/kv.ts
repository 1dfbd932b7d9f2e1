import { makeStore } from "../demo/kv/make_store.ts";
import { cleanRounds, type Round, type Way } from "./kv/clean_rounds.ts";
import { DIRT, dirtyRounds, type Pair } from "./kv/dirty_rounds.ts";
import { bindStore } from "./kv/measure.ts";
import { type BenchFlags, readBenchFlags } from "./measure/read_bench_flags.ts";
import { cleanResults, dirtyResults, type Result } from "./kv/results.ts";
import { showResults } from "./kv/show_results.ts";
import { startWorkbench } from "./measure/workbench.ts";
import { findProcess } from "./measure/find_process.ts";
import { describeMachine, type Machine } from "./measure/machine.ts";
import { peakMemory } from "./measure/peak_memory.ts";

/** What was measured, as `--json` prints it. */
export interface KvBench {
  readonly bench: "kv";
  readonly machine: Machine;
  readonly records: number;
  readonly runs: number;
  readonly results: readonly Result[];
  readonly dirty: readonly Result[];
  /** Bytes held at most; null where they cannot be known. */
  readonly memory: Readonly<Record<"functions" | "pages" | "keys", number | null>>;
}

const USAGE = { name: "kv", records: 100_000, switches: ["clean-only"] };
const STORES = { all: "kv_store_a0a0a0a0", few: "kv_store_b0b0b0b0" };
/** A request a key is slow: a small store says as much. */
const FEW = 2_000;

/**
 * Measures the pipeline kv beside a plain insert and beside scripts, on a Postgres of its own.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchKv(args: readonly string[]): Promise<void> {
  const flags = readBenchFlags(USAGE, args);
  const measured = await measure(flags, (text) => console.error(text));
  console.log(flags.json ? JSON.stringify(measured) : ["", ...showResults(measured)].join("\n"));
}

async function measure(flags: BenchFlags, say: (text: string) => void): Promise<KvBench> {
  const { records, runs, switches } = flags;
  await using bench = await startWorkbench();
  const { sql } = bench;
  say(`making a store of ${records.toLocaleString("en-US")} records`);
  await makeStore(sql, { table: STORES.all, records });
  await makeStore(sql, { table: STORES.few, records: Math.min(FEW, records) });
  await bindStore(bench, STORES.all);

  const rounds = await cleanRounds(bench, STORES, runs, say);
  const functions = await findProcess(Deno.execPath(), "serve_functions.ts");
  const memory = {
    functions: functions === undefined ? null : await peakMemory(functions),
    pages: mostMemory(rounds, "pages"),
    keys: mostMemory(rounds, "keys"),
  };
  const pairs: Pair[][] = [];
  for (const dirt of switches.includes("clean-only") ? [] : DIRT) {
    pairs.push(await dirtyRounds(bench, dirt, { records, rounds: runs, store: STORES.all, say }));
  }
  return {
    bench: "kv",
    machine: await describeMachine(sql),
    records,
    runs,
    results: cleanResults(rounds),
    dirty: dirtyResults(pairs),
    memory,
  };
}

function mostMemory(rounds: readonly Round[], way: Way): number | null {
  const peaks = rounds.flatMap((round) => round[way].peakBytes ?? []);
  return peaks.length > 0 ? Math.max(...peaks) : null;
}
