import { table } from "../../invoke/table.ts";
import type { AllBench } from "../all.ts";
import type { Line } from "./lines.ts";

/**
 * Shows all benchmarks as one table: for each size the ratio and the seconds, and how much longer
 * the largest takes than the one before it.
 */
export function showAll({ date, machine, runs, sizes, lines }: AllBench): string[] {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const known = lines.at(-1)!.map((_, nth) => lines.map((size) => size[nth]!));
  const times = sizes.at(-1)! / (sizes.at(-2) ?? sizes.at(-1)!);
  const count = (size: number) => size.toLocaleString("en-US");
  const head = ["", "", "by the time of", ...sizes.flatMap((size) => [count(size), "s"])];
  const isMeasured = ({ peakBytes }: Line) => typeof peakBytes === "number";
  const peaks = known.filter((size) => size.some(isMeasured));
  return [
    `${date}; medians of ${runs} runs; ${machine.cores} cores, ` +
    `${Math.round(machine.memoryBytes / 1024 ** 3)} GB of memory, ${machine.os}; ` +
    versions.join(", "),
    "",
    ...table(
      sizes.length === 1 ? head : [...head, `${times} times the records`],
      known.map((size) => [
        size[0]!.bench,
        size[0]!.what,
        size[0]!.beside,
        ...size.flatMap(({ ratio, seconds }) => [
          ratio === null ? "missing" : ratio.toFixed(2),
          seconds.toFixed(2),
        ]),
        ...sizes.length === 1
          ? []
          : [`${(size.at(-1)!.seconds / size.at(-2)!.seconds).toFixed(1)} times the time`],
      ]),
    ),
    "",
    ...table(
      ["most memory held", "", ...sizes.map(count)],
      peaks.map((size) => [
        size[0]!.bench,
        size[0]!.what,
        ...size.map(({ peakBytes }) => `${Math.round((peakBytes ?? 0) / 1024 ** 2)} MB`),
      ]),
    ),
  ];
}
