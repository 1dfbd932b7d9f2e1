import { printable } from "../../invoke/printable.ts";
import { table as tableOf } from "../../invoke/table.ts";
import type { StoreReport } from "./report.ts";

const count = (value: number): string => value.toLocaleString("en-US");

/** Shows a report as lines of text. */
export function showReport({ store, keys, families, tables, questions }: StoreReport): string[] {
  return [
    `${printable(store)}: ${count(keys)} keys of ${count(families.length)} families.`,
    "",
    ...tableOf(
      ["family", "keys", "outcome", "table", "why"],
      families.map(({ family, keys, outcome, table, why }) => [
        family,
        keys,
        outcome,
        table ?? "",
        why,
      ]),
    ),
    "",
    ...tableOf(
      ["table", "columns", "refers to", "owner"],
      tables.map(({ table, columns, references, owner }) => [
        table,
        columns.length,
        references.join(", "),
        owner ?? "",
      ]),
    ),
    ...questions.flatMap(({ about, question, taken, mapping }, nth) => [
      "",
      printable(`Question ${nth + 1}, ${about}: ${question}`),
      printable(`  Taken: ${taken}.`),
      ...mapping === undefined
        ? []
        : [printable(`  To change it, in the mapping: ${JSON.stringify(mapping)}`)],
    ]),
  ];
}
