import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";

/**
 * A term where SQLite reads a number: truth values are 0 and 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL } from "./term.ts";
 *
 * const number = asNumber({ kind: "boolean", sql: "a is null", level: LEVEL.is });
 * assertEquals(number.kind !== "refused" && number.sql, "(a is null)::int");
 * ```
 */
export function asNumber(term: Term): Term | Refused {
  const { kind, sql, literal } = term;
  if (term.opaque) return refused(`${sql} holds other values in Postgres than in SQLite`);
  switch (kind) {
    case "boolean":
      return literal === undefined
        ? {
          kind: "integer",
          sql: `${enclosed(term, LEVEL.cast)}::int`,
          level: LEVEL.cast,
          most: 1n,
        }
        : { kind: "integer", sql: String(literal), level: LEVEL.primary, most: 1n, literal };
    case "integer":
    case "real":
    case "numeric":
    case "null":
      return term;
    default:
      return refused(`${sql} is no number, and SQLite would make one of it`);
  }
}
