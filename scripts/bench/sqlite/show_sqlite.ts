import { table } from "../../invoke/table.ts";
import { median } from "../measure/median.ts";
import type { SqliteBench } from "../sqlite.ts";

/** Shows a benchmark as lines of text. */
export function showSqlite(bench: SqliteBench): string[] {
  const { machine, records, runs, seconds, ratios, peakBytes } = bench;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const line = (name: string, times: readonly number[], ratio = "", aim = "", met = "") => [
    name,
    times.length === 0 ? "–" : median(times).toFixed(2),
    times.length === 0 ? "" : Math.round(records / median(times)).toLocaleString("en-US"),
    ratio,
    aim,
    met,
  ];
  const beside = (ratio: number | null, most: number, of: string) =>
    ratio === null
      ? []
      : [`${ratio.toFixed(2)} times ${of}`, `at most ${most}`, ratio <= most ? "met" : "missed"];
  return [
    `sqlite: ${records.toLocaleString("en-US")} rows, medians of ${runs} runs`,
    `${machine.cores} cores, ${Math.round(machine.memoryBytes / 1024 ** 3)} GB of memory, ` +
    `${machine.os}; ${versions.join(", ")}`,
    "",
    ...table(["", "seconds", "rows/s", "the import's time", "aim", ""], [
      line("(a) server-side copy … from", seconds.copy, ...beside(ratios.copy, 1.1, "(a)")),
      line("(b) import sqlite", seconds.import),
      line("(c) pgloader", seconds.pgloader, ...beside(ratios.pgloader, 0.33, "(c)")),
    ]),
    "",
    ...wholeTable(bench),
    "",
    `Most memory held by the import: ${
      peakBytes === null ? "unknown" : `${Math.round(peakBytes / 1024 ** 2)} MB`
    }.`,
  ];
}

function wholeTable({ records, whole, pgloaderWhole, wholeRatios }: SqliteBench): string[] {
  const part = (pick: (timing: SqliteBench["whole"][number]) => number) =>
    median(whole.map(pick)) / 1_000;
  const line = (name: string, seconds: number, ratio: number | null = null, aim = 0) => [
    name,
    seconds.toFixed(2),
    Math.round(records / seconds).toLocaleString("en-US"),
    ...(ratio === null ? ["", "", ""] : [
      `${ratio.toFixed(2)} times pgloader's`,
      `at most ${aim}`,
      ratio <= aim ? "met" : "missed",
    ]),
  ];
  return table(["the whole way", "seconds", "rows/s", "time", "aim", ""], [
    line("generate sqlite", part((timing) => timing.generate)),
    line("import sqlite", part((timing) => timing.import)),
    line("migrate, two workers", part((timing) => timing.migrate)),
    line("import and migrate", part((each) => each.import + each.migrate), wholeRatios.moved, 1),
    line("verify", part((timing) => timing.verify)),
    line(
      "import, migrate and verify",
      part((each) => each.import + each.migrate + each.verify),
      wholeRatios.verified,
      1.5,
    ),
    line("verify --against the file", part((timing) => timing.against)),
    ...(pgloaderWhole.length > 0
      ? [line("pgloader, which makes its tables", median(pgloaderWhole) / 1_000)]
      : []),
  ]);
}
