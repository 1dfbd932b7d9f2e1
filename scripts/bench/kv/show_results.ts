import { table } from "../../invoke/table.ts";
import type { KvBench } from "../kv.ts";
import { median } from "../measure/median.ts";
import type { Ratio, Result } from "./results.ts";

/** Shows a benchmark as lines of text. */
export function showResults({ machine, records, runs, results, dirty, memory }: KvBench): string[] {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `kv: ${records.toLocaleString("en-US")} records, medians of ${runs} runs`,
    `${machine.cores} cores, ${gigabytes(machine.memoryBytes)} of memory, ${machine.os}; ` +
    versions.join(", "),
    "",
    ...lines("a clean store", results),
    ...(dirty.length > 0 ? ["", ...lines("a dirty store, one worker", dirty)] : []),
    "",
    `Most memory held: the functions' process ${megabytes(memory.functions)}, ` +
    `(c) ${megabytes(memory.pages)}, (d) ${megabytes(memory.keys)}.`,
  ];
}

function lines(title: string, results: readonly Result[]): string[] {
  return table(
    [title, "rows", "seconds", "rows/s", "ratio", "aim", ""],
    results.map(({ name, rows, seconds, rowsPerSecond, ratio }) => [
      name,
      rows,
      median(seconds).toFixed(2),
      rowsPerSecond,
      ratio ? `${ratio.value.toFixed(2)} ${ratio.meaning}` : "",
      ratio ? aim(ratio) : "",
      ratio ? ratio.met ? "met" : "missed" : "",
    ]),
  );
}

function aim({ aim }: Ratio): string {
  return "most" in aim ? `at most ${aim.most}` : `at least ${aim.least}`;
}

function gigabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 3)} GB`;
}

function megabytes(bytes: number | null): string {
  return bytes === null ? "unknown" : `${Math.round(bytes / 1024 ** 2)} MB`;
}
