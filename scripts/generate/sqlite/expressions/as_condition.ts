import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";

/**
 * A term where SQLite reads a truth value: a number is true unless it is 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL } from "./term.ts";
 *
 * const condition = asCondition({ kind: "integer", sql: "a", level: LEVEL.primary });
 * assertEquals(condition.kind !== "refused" && condition.sql, "a <> 0");
 * ```
 */
export function asCondition(term: Term): Term | Refused {
  const { kind, sql, literal } = term;
  if (term.opaque) return refused(`${sql} holds other values in Postgres than in SQLite`);
  switch (kind) {
    case "boolean":
      return term;
    case "null":
      return { kind: "boolean", sql: "null::boolean", level: LEVEL.cast, neverFalse: true };
    case "integer":
    case "real":
    case "numeric":
      if (literal !== undefined) {
        const truth = Number(literal) !== 0;
        return {
          kind: "boolean",
          sql: String(truth),
          level: LEVEL.primary,
          literal: truth ? 1n : 0n,
          neverFalse: truth,
        };
      }
      return {
        kind: "boolean",
        sql: `${enclosed(term, LEVEL.other)} <> 0`,
        level: LEVEL.comparison,
      };
    default:
      return refused(`${sql} is no truth value, and SQLite would read a number from it`);
  }
}
