import { printable } from "../../invoke/printable.ts";
import { table as tableOf } from "../../invoke/table.ts";
import type { FileReport } from "./report.ts";

const count = (value: number): string => value.toLocaleString("en-US");

/** Shows a report as lines of text. */
export function showReport({ file, tables, verdicts }: FileReport): string[] {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return [
    `${printable(file)}: ${count(tables.length)} tables, ${count(rows)} rows.`,
    ...tables.flatMap(({ table, rows, target, columns, faults }) => [
      "",
      printable(`${table} → ${target}: ${count(rows)} rows`),
      "",
      ...tableOf(
        ["column", "declared", "values", "NULL", "range", "candidates", "becomes", "evidence"],
        columns.map((column) => [
          column.column,
          column.declared,
          Object.entries(column.values).map(([name, many]) => `${count(many)} ${name}`).join(", "),
          column.nulls,
          column.range,
          column.candidates.join(", "),
          `${column.target} ${column.type}`,
          column.evidence.join("; "),
        ]),
      ),
      ...faults.map((fault) => printable(`Fault: ${fault}.`)),
    ]),
    ...(verdicts.length === 0 ? [] : [
      "",
      ...tableOf(
        ["of", "kind", "name", "verdict", "why"],
        verdicts.map(({ table, kind, name, verdict, why }) => [
          table ?? "",
          kind,
          name,
          verdict,
          why ?? "",
        ]),
      ),
    ]),
  ];
}
