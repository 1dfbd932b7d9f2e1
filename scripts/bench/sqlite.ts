import { describeMachine, type Machine } from "./measure/machine.ts";
import { median } from "./measure/median.ts";
import { type BenchFlags, readBenchFlags } from "./measure/read_bench_flags.ts";
import {
  fingerprint,
  measureCopy,
  measureImport,
  measurePgloader,
  type Timing,
} from "./sqlite/measure.ts";
import { measurePgloaderWhole, measureWhole, type WholeTiming } from "./sqlite/measure_whole.ts";
import { showSqlite } from "./sqlite/show_sqlite.ts";
import { PGLOADER_SCHEMA } from "./sqlite/tables.ts";
import { startWorkbench } from "./sqlite/workbench.ts";

/** What was measured, as `--json` prints it. */
export interface SqliteBench {
  readonly bench: "sqlite";
  readonly machine: Machine;
  readonly records: number;
  readonly runs: number;
  /** Of every run; none for pgloader where it is not on the PATH, or broke down. */
  readonly seconds: Readonly<Record<Way, readonly number[]>>;
  /** The import's time by that of the others, the middle of the runs; null where it is missing. */
  readonly ratios: Readonly<Record<"copy" | "pgloader", number | null>>;
  /** The parts of the whole way, of every run, and pgloader making its tables itself. */
  readonly whole: readonly WholeTiming[];
  readonly pgloaderWhole: readonly number[];
  /** Import and migration, and with verification, by pgloader's time; null where it is missing. */
  readonly wholeRatios: Readonly<Record<"moved" | "verified", number | null>>;
  /** Bytes that the import has held at most; null where they cannot be known. */
  readonly peakBytes: number | null;
}

const USAGE = { name: "sqlite", records: 1_100_000 };

type Way = "copy" | "import" | "pgloader";

/**
 * Measures `import sqlite` beside the server's own `copy … from` a prepared file, and beside
 * pgloader where it is on the PATH, on a Postgres of its own; and the whole way, by a generated
 * pipeline, beside pgloader making the tables itself.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchSqlite(args: readonly string[]): Promise<void> {
  const flags = readBenchFlags(USAGE, args);
  const measured = await measure(flags, (text) => console.error(text));
  console.log(flags.json ? JSON.stringify(measured) : ["", ...showSqlite(measured)].join("\n"));
}

async function measure(
  { records, runs }: BenchFlags,
  say: (text: string) => void,
): Promise<SqliteBench> {
  say(`making a file of ${records.toLocaleString("en-US")} rows`);
  await using bench = await startWorkbench(records);
  const ways: Record<Way, () => Promise<Timing | string>> = {
    copy: () => measureCopy(bench),
    import: () => measureImport(bench),
    pgloader: () => measurePgloader(bench),
  };

  const timings: Record<Way, Timing[]> = { copy: [], import: [], pgloader: [] };
  const loads = new Set<string>();
  for (let round = 1; round <= runs; round++) {
    for (const way of Object.keys(ways) as Way[]) {
      await bench.admin`checkpoint`;
      const timing = await ways[way]();
      if (typeof timing === "string") {
        say(`round ${round} of ${runs}, ${way}: ${timing}`);
        continue;
      }
      say(`round ${round} of ${runs}, ${way}: ${(timing.ms / 1_000).toFixed(2)} s`);
      timings[way].push(timing);
      loads.add(await fingerprint(bench, way === "pgloader" ? PGLOADER_SCHEMA : "staging"));
    }
  }
  const whole: WholeTiming[] = [];
  const pgloaderWhole: number[] = [];
  for (let round = 1; round <= runs; round++) {
    await bench.admin`checkpoint`;
    whole.push(await measureWhole(bench));
    await bench.admin`checkpoint`;
    const peer = await measurePgloaderWhole(bench);
    if (typeof peer !== "string") pgloaderWhole.push(peer.ms);
    say(
      `round ${round} of ${runs}, the whole way: pgloader ${
        typeof peer === "string" ? peer : `${(peer.ms / 1_000).toFixed(2)} s`
      }`,
    );
  }
  if (loads.size > 1) throw new Error(`The ways differ in what they load: ${[...loads]}`);

  const ratio = (way: Way) =>
    timings[way].length < runs
      ? null
      : median(timings.import.map(({ ms }, round) => ms / timings[way][round]!.ms));
  const wholeRatio = (sum: (timing: WholeTiming) => number) =>
    pgloaderWhole.length < runs
      ? null
      : median(whole.map((timing, round) => sum(timing) / pgloaderWhole[round]!));
  return {
    bench: "sqlite",
    machine: await describeMachine(bench.sql),
    records,
    runs,
    seconds: {
      copy: seconds(timings.copy),
      import: seconds(timings.import),
      pgloader: seconds(timings.pgloader),
    },
    ratios: { copy: ratio("copy"), pgloader: ratio("pgloader") },
    whole,
    pgloaderWhole,
    wholeRatios: {
      moved: wholeRatio((part) => part.import + part.migrate),
      verified: wholeRatio((part) => part.import + part.migrate + part.verify),
    },
    peakBytes: Math.max(...timings.import.map(({ peakBytes }) => peakBytes ?? 0)) || null,
  };
}

function seconds(timings: readonly Timing[]): number[] {
  return timings.map(({ ms }) => Math.round(ms) / 1_000);
}
