import { asCondition } from "./as_condition.ts";
import { booleanTest } from "./boolean_test.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";

/**
 * Joins two conditions, or turns one about; NULL stands for unknown on both sides.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Refused, type Term } from "./term.ts";
 *
 * const size: Term = { kind: "integer", sql: "size", level: LEVEL.primary };
 * const a: Term = { kind: "boolean", sql: "a", level: LEVEL.primary };
 * const sql = (term: Term | Refused) => term.kind !== "refused" && term.sql;
 * assertEquals(sql(logic("or", a, size)), "a or size <> 0");
 * assertEquals(sql(logic("not", size)), "not (size <> 0)");
 * ```
 */
export function logic(operator: "and" | "or", left: Term, right: Term): Term | Refused;
export function logic(operator: "not", operand: Term): Term | Refused;
export function logic(operator: "and" | "or" | "not", one: Term, two?: Term): Term | Refused {
  const left = asCondition(one);
  if (left.kind === "refused") return left;
  if (two === undefined) return negated(left);
  const right = asCondition(two);
  if (right.kind === "refused") return right;
  const level = operator === "or" ? LEVEL.or : LEVEL.and;
  const joined = {
    kind: "boolean",
    sql: `${enclosed(left, level)} ${operator} ${enclosed(right, level)}`,
    level,
  } as const;
  if (operator === "and") return { ...joined, neverFalse: left.neverFalse && right.neverFalse };
  const trueFor = united(left, right);
  const neverFalse = left.neverFalse || right.neverFalse || trueFor?.values.length === 2;
  return { ...joined, neverFalse, trueFor };
}

function negated(term: Term): Term {
  return term.column
    ? booleanTest(term, (value) => value === 0)
    : { kind: "boolean", sql: `not ${enclosed(term, LEVEL.primary)}`, level: LEVEL.not };
}

function united({ trueFor: left }: Term, { trueFor: right }: Term): Term["trueFor"] {
  if (left === undefined || left.column !== right?.column) return undefined;
  return { ...left, values: [...new Set([...left.values, ...right.values])] };
}
