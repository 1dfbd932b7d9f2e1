import { table } from "../../invoke/table.ts";
import type { DocumentsBench } from "../documents.ts";
import { median } from "../measure/median.ts";

const AIM = 1.2;

/** Shows a benchmark as lines of text. */
export function showDocuments(bench: DocumentsBench): string[] {
  const { machine, records, runs, copy, documents, bytes, script, scriptTasks, ratios } = bench;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const line = (name: string, ms: number, tasks: number, ratio = "", aim = "") => [
    name,
    (ms / 1_000).toFixed(2),
    Math.round(tasks / (ms / 1_000)).toLocaleString("en-US"),
    ratio,
    aim,
  ];
  const memory = bench.export.flatMap(({ peakBytes }) => peakBytes ?? []);
  const count = (n: number) => n.toLocaleString("en-US");
  return [
    `documents: ${count(records)} tasks with five comments each, medians of ${runs} runs`,
    `${machine.cores} cores, ${Math.round(machine.memoryBytes / 1024 ** 3)} GB of memory, ` +
    `${machine.os}; ${versions.join(", ")}`,
    `${count(documents)} documents of ${count(Math.round(bytes / 1024 ** 2))} MB`,
    "",
    ...table(["", "seconds", "tasks/s", "time", "aim"], [
      line("(a) copy (select document …) to stdout", median(copy), records),
      line(
        "(b) export to NDJSON",
        median(bench.export.map(({ ms }) => ms)),
        records,
        `${ratios.copy.toFixed(2)} times (a)`,
        `at most ${AIM}: ${ratios.copy <= AIM ? "met" : "missed"}`,
      ),
      line(
        `(c) queries for each of ${count(scriptTasks)} tasks`,
        median(script),
        scriptTasks,
        `${ratios.script.toFixed(2)} times (b), a task`,
      ),
    ]),
    ...memory.length === 0 ? [] : [
      "",
      `Most memory held by the export: ${count(Math.round(Math.max(...memory) / 1024 ** 2))} MB`,
    ],
  ];
}
