import { table } from "../../invoke/table.ts";
import { median } from "../measure/median.ts";
import type { CrmBench } from "../crm.ts";

/** Shows a benchmark as lines of text. */
export function showCrm(bench: CrmBench): string[] {
  const { machine, records, runs, all, one, dump, script, verify, ratios } = bench;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const line = (name: string, seconds: number | null, rows: number, ratio = "", aim = "") => [
    name,
    seconds === null ? "–" : seconds.toFixed(2),
    seconds === null ? "" : Math.round(rows / seconds).toLocaleString("en-US"),
    ratio,
    aim,
  ];
  const part = (moves: CrmBench["all"], pick: (move: CrmBench["all"][number]) => number) =>
    median(moves.map(pick)) / 1_000;
  const times = (ratio: number | null, of: string) =>
    ratio === null ? "" : `${ratio.toFixed(2)} times ${of}`;
  const some = one[0]!.rows;
  const memory = all.map(({ peakBytes }) => peakBytes).filter((bytes) => bytes !== null);
  return [
    `crm: ${records.toLocaleString("en-US")} leads and conversions of ten companies, ` +
    `medians of ${runs} runs`,
    `${machine.cores} cores, ${Math.round(machine.memoryBytes / 1024 ** 3)} GB of memory, ` +
    `${machine.os}; ${versions.join(", ")}`,
    "",
    ...table(["", "seconds", "rows/s", "time", "aim"], [
      line("(a) pg_dump | psql", dump.length === 0 ? null : median(dump) / 1_000, records),
      line("(b) import, all companies", part(all, (move) => move.import), records),
      line("(c) migrate, two workers", part(all, (move) => move.migrate), records),
      line(
        "(b) and (c)",
        part(all, (move) => move.import + move.migrate),
        records,
        times(ratios.dump, "(a)"),
        ratios.dump === null ? "" : `at most 1.3: ${ratios.dump <= 1.3 ? "met" : "missed"}`,
      ),
      line("(d) verify", median(verify) / 1_000, records),
      line("(e) import, one company", part(one, (move) => move.import), some),
      line("(f) migrate, one company", part(one, (move) => move.migrate), some),
      line(
        "(e) and (f)",
        part(one, (move) => move.import + move.migrate),
        some,
        times(ratios.one, "all"),
        "about a tenth",
      ),
      line(
        "(g) a script with an SQL client",
        median(script.map(({ ms }) => ms)) / 1_000,
        records,
        times(ratios.script, "(b) and (c)"),
      ),
    ]),
    "",
    `Most memory held: ${
      [
        ...(memory.length > 0 ? [`import ${megabytes(Math.max(...memory))}`] : []),
        ...script.slice(0, 1).flatMap(({ peakBytes }) =>
          peakBytes === null ? [] : [`script ${megabytes(peakBytes)}`]
        ),
      ].join(", ") || "unknown"
    }.`,
  ];
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}
