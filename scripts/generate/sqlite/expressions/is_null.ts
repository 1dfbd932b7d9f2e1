import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";

/**
 * Whether a term is NULL, which a column's conversion does not change.
 *
 * @param not Whether it is asked to be none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL } from "./term.ts";
 *
 * const term = isNull({ kind: "uuid", sql: "id", level: LEVEL.primary, opaque: true }, true);
 * assertEquals(term.kind !== "refused" && term.sql, "id is not null");
 * ```
 */
export function isNull(term: Term, not: boolean): Term | Refused {
  if (term.typesOf) return refused(`${term.sql} is never NULL`);
  const { column } = term;
  return {
    kind: "boolean",
    sql: `${enclosed(term, LEVEL.other)} is ${not ? "not " : ""}null`,
    level: LEVEL.is,
    neverFalse: not && column?.notNull,
    trueFor: !not && column?.kind === "boolean" ? { column: column.sql, values: [] } : undefined,
  };
}
