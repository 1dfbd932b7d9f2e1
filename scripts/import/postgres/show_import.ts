import { duration } from "../../../supabase/functions/_shared/core/duration.ts";
import { printable } from "../../invoke/printable.ts";
import { table } from "../../invoke/table.ts";
import type { PostgresImport } from "./import_source.ts";

/** Shows what an import did as lines of text. */
export function showImport(report: PostgresImport): string[] {
  const { pipeline, source, companies, tables, notImported, left, durationMs } = report;
  const entries = Object.entries(tables);
  const rows = entries.reduce((sum, [, { rows }]) => sum + rows, 0);
  const columns = (kind: "notImported" | "asUtc") =>
    entries.flatMap(([name, loaded]) => loaded[kind].map((column) => `${name}.${column}`));
  const notFilled = entries.flatMap(([, { staging, notFilled }]) =>
    notFilled.map((column) => `${staging}.${column}`)
  );
  const remarks = [
    remark("Companies, whose rows alone were replaced", companies),
    ...entries.flatMap(([name, { staging, condition }]) =>
      condition === undefined ? [] : remark(
        companies.length > 0 ? `Of ${name} only rows where` : `${staging} has only rows where`,
        [condition],
      )
    ),
    remark("Not imported", [...notImported, ...columns("notImported")]),
    remark("Not in the source, left as the table's default", notFilled),
    remark("Times without a zone, taken for UTC", columns("asUtc")),
    remark("From an earlier import, not in the source", left.map((name) => `staging.${name}`)),
  ].flat();
  return [
    `${rows.toLocaleString("en-US")} rows of ${printable(source)} for pipeline ${pipeline} in ` +
    `${duration(durationMs)}.`,
    "",
    ...table(
      ["table", "staging", "rows"],
      entries.map(([name, loaded]) => [name, loaded.staging, loaded.rows]),
    ),
    ...(remarks.length > 0 ? ["", ...remarks] : []),
  ];
}

function remark(title: string, names: readonly string[]): string[] {
  return names.length > 0 ? [printable(`${title}: ${names.join(", ")}.`)] : [];
}
