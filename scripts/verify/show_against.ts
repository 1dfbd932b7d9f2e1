import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { printable } from "../invoke/printable.ts";
import { table } from "../invoke/table.ts";
import type { AgainstReport } from "./compare_file.ts";

const MEANINGS: Readonly<Record<string, string>> = {
  value: "the target has another value than the file",
  staged: "the row was staged otherwise than the file has it now: import it again",
  lost: "the target row is gone",
  missing: "nothing is known of the row: import and migrate it",
  vanished: "the row is migrated, and not in the file",
  column: "the target has no such column, or of another type; or the pipeline does not know it",
  twice: "several rows of the file have one key",
};
const COUNTS = ["rejected", "deferred", "leftOut", "kept"] as const;

/** Says in lines of text what a comparison with a file found; the verdict comes last. */
export function showAgainst(report: AgainstReport): string[] {
  const { entities, file, unknown, skipped, durationMs } = report;
  const rows = entities.reduce((sum, entity) => sum + entity.rows, 0);
  const same = entities.reduce((sum, entity) => sum + entity.same, 0);
  const used = COUNTS.filter((name) => entities.some((entity) => entity[name] > 0));
  const found = entities.flatMap(({ entity, differences }) =>
    differences.map((difference) => ({ entity, ...difference }))
  );
  const asStaged = entities.flatMap(({ table, asStaged }) =>
    asStaged.map((name) => `${table}.${name}`)
  );
  const number = (value: number) => value.toLocaleString("en-US");
  return [
    printable(`Against ${file}:`),
    "",
    ...table(
      [
        "entity",
        "table",
        "rows",
        "same",
        ...used.map((name) => name === "leftOut" ? "left out" : name),
      ],
      entities.map((entity) => [
        entity.entity,
        entity.table,
        entity.rows,
        entity.same,
        ...used.map((name) => entity[name]),
      ]),
    ),
    ...(found.length > 0
      ? [
        "",
        ...table(
          ["entity", "kind", "rows", "for example", "meaning"],
          found.map(({ entity, kind, count, sample }) => [
            entity,
            kind,
            count,
            sample[0]?.sourceKey ?? sample[0]?.row ?? "",
            MEANINGS[kind] ?? "",
          ]),
        ),
      ]
      : []),
    ...(found.some(({ values }) => values.length > 0)
      ? [
        "",
        ...table(
          ["entity", "row", "column", "file", "target"],
          found.flatMap(({ entity, values }) =>
            values.map(({ sourceKey, column, expected, actual }) => [
              entity,
              sourceKey,
              column,
              expected === undefined ? "a value that does not convert" : expected ?? "NULL",
              actual ?? "NULL",
            ])
          ),
        ),
      ]
      : []),
    ...(asStaged.length > 0
      ? ["", printable(`Compared as staged, for a transform of their own: ${asStaged.join(", ")}.`)]
      : []),
    ...(skipped.length > 0 ? [printable(`Left where they are: ${skipped.join(", ")}.`)] : []),
    ...(unknown.length > 0
      ? [printable(`Tables that the pipeline does not know: ${unknown.join(", ")}.`)]
      : []),
    "",
    found.length + unknown.length > 0
      ? `Different: ${number(same)} of ${number(rows)} rows are what the file says.`
      : same < rows
      ? `Explained: ${number(same)} of ${
        number(rows)
      } rows are what the file says; the others are ` +
        "accounted for above."
      : `The same: ${number(rows)} rows of the file, value by value, in ${duration(durationMs)}.`,
  ];
}
