import { duration } from "../../../supabase/functions/_shared/core/duration.ts";
import { printable } from "../../invoke/printable.ts";
import { table } from "../../invoke/table.ts";
import type { SqliteImport } from "./import_source.ts";

/** Shows what an import did as lines of text. */
export function showImport(report: SqliteImport): string[] {
  const { pipeline, file, withWal, tables, notImported, left, leftOut, first, durationMs } = report;
  const entries = Object.entries(tables);
  const rows = entries.reduce((sum, [, { rows }]) => sum + rows, 0);
  const columns = (kind: "notImported" | "notFilled", name: "table" | "staging") =>
    entries.flatMap(([table, loaded]) =>
      loaded[kind].map((column) => `${name === "table" ? table : loaded.staging}.${column}`)
    );
  const remarks = [
    remark("Not imported", [...notImported, ...columns("notImported", "table")]),
    remark("Not in the file, left as the table's default", columns("notFilled", "staging")),
    remark("From an earlier import, not in the file", left.map((name) => `staging.${name}`)),
    ...entries.flatMap(([table, { mixed }]) =>
      Object.entries(mixed).map(([column, classes]) =>
        remark(`Mixed values in ${table}.${column}, a text column`, [
          Object.entries(classes).map(([name, count]) => `${number(count)} ${name}`).join(", "),
        ])
      )
    ),
    ...entries.flatMap(([table, { noPrimaryKey }]) =>
      noPrimaryKey.length === 0
        ? []
        : [`${printable(table)} has no primary key here: values of its key are NULL or the same.`]
    ),
  ].flat();
  return [
    `${number(rows)} rows of ${printable(file)}${
      withWal ? ", with the -wal beside it," : ""
    } for ` +
    `pipeline ${pipeline} in ${duration(durationMs)}.`,
    "",
    ...table(
      ["table", "staging", "rows", "left out"],
      entries.map(([name, loaded]) => [name, loaded.staging, loaded.rows, loaded.leftOut]),
    ),
    ...(remarks.length > 0 ? ["", ...remarks] : []),
    ...(leftOut > 0
      ? [
        "",
        ...table(
          ["left out of", "row", "column", "why"],
          first.map(({ table, rowId, column, reason }) => [table, rowId, column, reason]),
        ),
        "All are in landfall.left_out. Mend them in the file, then import it again.",
      ]
      : []),
  ];
}

function remark(title: string, names: readonly string[]): string[] {
  return names.length > 0 ? [printable(`${title}: ${names.join(", ")}.`)] : [];
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
