import { enclosed, LEVEL, type Term } from "./term.ts";

/**
 * A condition on a truth value, by whether it holds for 0 and for 1: `enabled = 1` is `enabled`.
 *
 * @param term Of kind boolean.
 * @param test Whether the condition is true for a value; for NULL it is NULL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const enabled: Term = { kind: "boolean", sql: "enabled", level: LEVEL.primary };
 * assertEquals(booleanTest(enabled, (value) => value === 1).sql, "enabled");
 * assertEquals(booleanTest(enabled, (value) => value < 1).sql, "not enabled");
 * assertEquals(booleanTest(enabled, (value) => value < 2).neverFalse, true);
 * ```
 */
export function booleanTest(term: Term, test: (value: 0 | 1) => boolean): Term {
  const values = ([0, 1] as const).filter(test);
  const trueFor = term.column && { column: term.column.sql, values };
  if (values.length === 2) {
    return { ...inList(term, "in"), neverFalse: true, trueFor };
  }
  if (values.length === 0) return { ...inList(term, "not in"), trueFor };
  if (values[0] === 1) return { ...term, affinity: undefined, column: undefined, trueFor };
  return {
    kind: "boolean",
    sql: `not ${enclosed(term, LEVEL.primary)}`,
    level: LEVEL.not,
    trueFor,
  };
}

function inList(term: Term, operator: string): Term {
  return {
    kind: "boolean",
    sql: `${enclosed(term, LEVEL.other)} ${operator} (false, true)`,
    level: LEVEL.like,
  };
}
