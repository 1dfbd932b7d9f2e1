import type { Term } from "./term.ts";

/**
 * The collation by which SQLite compares two texts: one said by COLLATE, or else a column's, of the
 * left one before that of the right one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const text: Term = { kind: "text", sql: "a", level: LEVEL.primary };
 * const email: Term = { ...text, collation: { name: "nocase", explicit: false } };
 * assertEquals(collationOf(text, email), "nocase");
 * assertEquals(collationOf(text, text), "binary");
 * ```
 */
export function collationOf(left: Term, right?: Term): string {
  const sides = [left.collation, right?.collation];
  const side = sides.find((side) => side?.explicit) ?? sides.find((side) => side !== undefined);
  return side?.name ?? "binary";
}
