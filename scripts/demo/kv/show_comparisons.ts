import { duration } from "../../../supabase/functions/_shared/core/duration.ts";
import { table } from "../../invoke/table.ts";
import type { Comparison } from "./compare_sides.ts";

/** Shows how long each question takes on both sides. */
export function showComparisons(comparisons: readonly Comparison[]): string[] {
  const head = ["asked for", "the store", "", "the tables", "", "rows", ""];
  const rows = comparisons.map(({ title, store, tables }) => [
    title,
    `${number(store.requests)} requests`,
    `${store.scaled ? "about " : ""}${duration(store.ms)}`,
    "1 request",
    milliseconds(tables.ms),
    tables.rows,
    `${number(Math.round(store.ms / tables.ms))} × faster`,
  ]);
  const lines = [
    ...table(head, rows),
    "",
    "The store is read as the app does it: the list of ids, then one request a key, ten at a time.",
  ];
  if (comparisons.some(({ store }) => store.scaled)) {
    lines.push("“About”: not all keys were read here; the time is scaled from those that were.");
  }
  return lines;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms);
}
