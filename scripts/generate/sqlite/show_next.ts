import { relative } from "@std/path";
import { commandLine } from "../../invoke/command_line.ts";
import { printable } from "../../invoke/printable.ts";
import { table } from "../../invoke/table.ts";
import type { FileReport } from "./report.ts";

/** Says what was written, what a person should look at, and which commands come next. */
export function showNext(
  { pipeline, tables, verdicts }: FileReport,
  { output, path }: { readonly output: string; readonly path: string },
): string[] {
  const left = verdicts.filter(({ verdict }) => verdict === "left out");
  const faults = tables.flatMap(({ table, faults }) => faults.map((fault) => [table, fault]));
  const here = relative(Deno.cwd(), output);
  return [
    `Written: ${here.startsWith("..") ? output : here}. Read it before you apply it.`,
    "",
    ...table(
      ["table", "becomes", "rows", "columns"],
      tables.map(({ table, target, rows, columns }) => [table, target, rows, columns.length]),
    ),
    ...(faults.length > 0 ? ["", ...table(["table", "fault"], faults)] : []),
    ...(left.length > 0
      ? [
        "",
        ...table(
          ["left out", "", "why"],
          left.map(({ kind, name, table, why }) => [
            kind,
            table === undefined ? name : `${table}: ${name}`,
            why ?? "",
          ]),
        ),
      ]
      : []),
    "",
    "Next:",
    "  deno task supabase db push",
    printable(`  deno task import sqlite ${path} --pipeline ${pipeline}`),
    `  ${commandLine("migrate", { pipeline, dryRun: true })}`,
    `  ${commandLine("migrate", { pipeline })}`,
    printable(`  ${commandLine("verify", { pipeline })} --against ${path}`),
  ];
}
