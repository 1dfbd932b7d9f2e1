import { compareSides, type Comparison } from "../demo/kv/compare_sides.ts";
import { dataApi } from "../demo/kv/data_api.ts";
import { makeStore } from "../demo/kv/make_store.ts";
import { migrate } from "../demo/kv/migrate.ts";
import { showComparisons } from "../demo/kv/show_comparisons.ts";
import { describeMachine, type Machine } from "./measure/machine.ts";
import { median } from "./measure/median.ts";
import { readBenchFlags } from "./measure/read_bench_flags.ts";
import { startWorkbench } from "./measure/workbench.ts";

/** What was measured, as `--json` prints it. */
export interface QueriesBench {
  readonly bench: "queries";
  readonly machine: Machine;
  /** Keys of the store; half of them are products. */
  readonly records: number;
  readonly runs: number;
  /** Each with the medians of all runs. */
  readonly comparisons: readonly Comparison[];
}

const USAGE = { name: "queries", records: 200_000 };
const TABLE = "kv_store_c0c0c0c0";
/** How long a question may read the store; what is left is scaled. */
const LIMIT_MS = 10_000;

/**
 * Measures an app's everyday questions, asked of its key-value store and of the tables that the
 * pipeline kv makes of it.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchQueries(args: readonly string[]): Promise<void> {
  const { records, runs, json } = readBenchFlags(USAGE, args);
  await using bench = await startWorkbench();
  const { sql, target } = bench;
  console.error(`making a store of ${records.toLocaleString("en-US")} records`);
  await makeStore(sql, { table: TABLE, records });
  await migrate(target, ["--source", `public.${TABLE}`]);

  const rounds: Comparison[][] = [];
  for (let round = 1; round <= runs; round++) {
    console.error(`round ${round} of ${runs}`);
    rounds.push(await compareSides(sql, dataApi(target), TABLE, LIMIT_MS));
  }
  const middle = (nth: number, ms: (comparison: Comparison) => number) =>
    median(rounds.map((round) => ms(round[nth]!)));
  const measured: QueriesBench = {
    bench: "queries",
    machine: await describeMachine(sql),
    records,
    runs,
    comparisons: rounds[0]!.map((first, nth) => ({
      ...first,
      store: { ...first.store, ms: middle(nth, ({ store }) => store.ms) },
      tables: { ...first.tables, ms: middle(nth, ({ tables }) => tables.ms) },
    })),
  };
  console.log(
    json ? JSON.stringify(measured) : ["", ...showComparisons(measured.comparisons)].join("\n"),
  );
}
