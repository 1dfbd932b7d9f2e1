import type { Family } from "./families.ts";

/**
 * Turns a value of the store into a row: text trimmed, empty text null, at every depth.
 *
 * All rows of a family have the same columns, which an upsert of many needs.
 */
export function toRow(family: Family, value: unknown): Record<string, unknown> {
  const row = family.toRow(clean(value) as Record<string, unknown>);
  for (const column of Object.keys(row)) row[column] ??= null;
  return row;
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.trim() || null;
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, clean(field)]));
}
