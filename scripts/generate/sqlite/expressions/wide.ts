import { enclosed, LEVEL, type Term } from "./term.ts";

/**
 * Makes a `bigint` of an `integer`, so that what is computed from it has 64 bits as in SQLite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL } from "./term.ts";
 *
 * const days = { kind: "integer", sql: "100000", level: LEVEL.primary, most: 100_000n } as const;
 * assertEquals(wide(days).sql, "100000::bigint");
 * ```
 */
export function wide(term: Term): Term {
  const sql = `${enclosed(term, LEVEL.cast)}::bigint`;
  return { ...term, sql, level: LEVEL.cast, most: undefined };
}
