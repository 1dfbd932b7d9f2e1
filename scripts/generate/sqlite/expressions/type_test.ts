import { isNull } from "./is_null.ts";
import { refused } from "./refused.ts";
import { LEVEL, type Refused, type Term } from "./term.ts";

/**
 * A condition on the typeof() of a column, which its type in Postgres answers but for NULL.
 *
 * @param types The term of a typeof().
 * @param test Whether the condition is true for a storage class; none is ever NULL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const column: Term = { kind: "integer", sql: "a", level: LEVEL.primary };
 * const types: Term = {
 *   kind: "text",
 *   sql: "typeof(a)",
 *   level: LEVEL.primary,
 *   typesOf: { column, classes: new Set(["integer"]) },
 * };
 * const integer = typeTest(types, (type) => type === "integer");
 * assertEquals(integer.kind !== "refused" && integer.sql, "a is not null");
 * assertEquals(typeTest(types, (type) => type === "real").kind, "refused");
 * ```
 */
export function typeTest(types: Term, test: (type: string) => boolean): Term | Refused {
  if (!types.typesOf) return refused(`${types.sql} is no typeof()`);
  const { column, classes } = types.typesOf;
  if (![...classes].every(test)) {
    return refused(`${types.sql} asks for a type that the column does not have in Postgres`);
  }
  if (!test("null")) return isNull(column, true);
  return { kind: "boolean", sql: "true", level: LEVEL.primary, neverFalse: true };
}
