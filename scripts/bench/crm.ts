import {
  measureMove,
  measureScript,
  measureVerify,
  type Move,
  type ScriptReport,
} from "./crm/measure.ts";
import { runDump } from "./crm/run_dump.ts";
import { showCrm } from "./crm/show_crm.ts";
import { startWorkbench } from "./crm/workbench.ts";
import { describeMachine, type Machine } from "./measure/machine.ts";
import { median } from "./measure/median.ts";
import { type BenchFlags, readBenchFlags } from "./measure/read_bench_flags.ts";

/** What was measured, as `--json` prints it: of every run, in milliseconds. */
export interface CrmBench {
  readonly bench: "crm";
  readonly machine: Machine;
  readonly records: number;
  readonly runs: number;
  readonly all: readonly Move[];
  readonly one: readonly Move[];
  readonly verify: readonly number[];
  /** None where there is no pg_dump of the server's version. */
  readonly dump: readonly number[];
  readonly script: readonly ScriptReport[];
  /**
   * Import and migration of all companies by a plain copy's time, null without one; of one company
   * by that of all; the script's time by that of all.
   */
  readonly ratios: {
    readonly dump: number | null;
    readonly one: number;
    readonly script: number;
  };
}

const USAGE = { name: "crm", records: 4_000_000 };

/**
 * Measures a CRM's way from another database, all companies of it and one of ten, beside
 * `pg_dump | psql` of the same tables and a script that selects and inserts.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchCrm(args: readonly string[]): Promise<void> {
  const flags = readBenchFlags(USAGE, args);
  const measured = await measure(flags, (text) => console.error(text));
  console.log(flags.json ? JSON.stringify(measured) : ["", ...showCrm(measured)].join("\n"));
}

async function measure(
  { records, runs }: BenchFlags,
  say: (text: string) => void,
): Promise<CrmBench> {
  say(`making a CRM of ${records.toLocaleString("en-US")} rows`);
  await using bench = await startWorkbench(records);
  const dump: number[] = [];
  const all: Move[] = [];
  const one: Move[] = [];
  const verify: number[] = [];
  const script: ScriptReport[] = [];
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
  for (let round = 1; round <= runs; round++) {
    const tell = (text: string) => say(`round ${round} of ${runs}, ${text}`);
    const copied = await runDump(bench.sourceUrl, await bench.emptyDatabase());
    if (typeof copied === "number") dump.push(copied);
    tell(`pg_dump | psql: ${typeof copied === "number" ? seconds(copied) : copied}`);

    const moved = await measureMove(bench);
    all.push(moved);
    tell(`all: import ${seconds(moved.import)}, migrate ${seconds(moved.migrate)}`);
    verify.push(await measureVerify(bench));
    tell(`verify: ${seconds(verify.at(-1)!)}`);

    const part = await measureMove(bench, 3);
    one.push(part);
    tell(`one: import ${seconds(part.import)}, migrate ${seconds(part.migrate)}`);

    script.push(await measureScript(bench));
    tell(`script: ${seconds(script.at(-1)!.ms)}`);
  }
  const total = (move: Move) => move.import + move.migrate;
  return {
    bench: "crm",
    machine: await describeMachine(bench.sql),
    records,
    runs,
    all,
    one,
    verify,
    dump,
    script,
    ratios: {
      dump: dump.length < runs
        ? null
        : median(all.map((move, round) => total(move) / dump[round]!)),
      one: median(one.map((move, round) => total(move) / total(all[round]!))),
      script: median(script.map(({ ms }, round) => ms / total(all[round]!))),
    },
  };
}
