import { asCondition } from "./as_condition.ts";
import { asNumber } from "./as_number.ts";
import { booleanTest } from "./boolean_test.ts";
import { collationOf } from "./collation_of.ts";
import { incomparable } from "./incomparable.ts";
import { isNull } from "./is_null.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";
import { textKey } from "./text_key.ts";
import { typeTest } from "./type_test.ts";

/** A comparison in Postgres; the last two also answer for NULL. */
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=" | "is" | "is not";

const TESTS: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  "=": (left, right) => left === right,
  "<>": (left, right) => left !== right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "is": (left, right) => left === right,
  "is not": (left, right) => left !== right,
};
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
  "is": "is",
  "is not": "is not",
};

/**
 * Compares two terms, if Postgres compares them as SQLite does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const email: Term = {
 *   kind: "text",
 *   sql: "email",
 *   level: LEVEL.primary,
 *   collation: { name: "nocase", explicit: false },
 * };
 * const root: Term = { kind: "text", sql: "'Root'", level: LEVEL.primary, literal: "Root" };
 * const term = comparison("is", email, root);
 * assertEquals(
 *   term.kind !== "refused" && term.sql,
 *   `lower(email collate "C") is not distinct from 'root'`,
 * );
 * ```
 */
export function comparison(operator: Comparison, left: Term, right: Term): Term | Refused {
  if (left.typesOf || right.typesOf) return typesCompared(operator, left, right);
  const distinct = operator === "is" || operator === "is not";
  if (left.kind === "null" || right.kind === "null") {
    if (distinct) return isNull(left.kind === "null" ? right : left, operator === "is not");
    return { kind: "boolean", sql: "null::boolean", level: LEVEL.cast, neverFalse: true };
  }
  if (distinct && right.kind === "boolean" && right.literal !== undefined) {
    return truth(operator, left, right);
  }
  const boolean = booleanCompared(operator, left, right) ??
    booleanCompared(MIRRORED[operator], right, left);
  if (boolean !== undefined) return boolean;
  return compared(operator, left, right);
}

/** A truth value beside a number: a test of it when the number is known, or else a number too. */
function booleanCompared(operator: Comparison, left: Term, right: Term) {
  if (left.kind !== "boolean" || left.opaque) return undefined;
  const { literal } = right;
  if (typeof literal !== "bigint" && typeof literal !== "number") {
    if (right.kind === "boolean") return undefined;
    const number = asNumber(left);
    return number.kind === "refused" ? number : compared(operator, number, right);
  }
  const value = Number(literal);
  if (operator !== "is" && operator !== "is not") {
    return booleanTest(left, (truth) => TESTS[operator](truth, value));
  }
  if (value !== 0 && value !== 1) return refused(`${left.sql} is 0 or 1, and never ${right.sql}`);
  const sql = `${enclosed(left, LEVEL.other)} ${operator} ${value === 1}`;
  return { kind: "boolean" as const, sql, level: LEVEL.is };
}

/** IS TRUE and IS FALSE ask for the truth of a number, and not whether it is 1 or 0. */
function truth(operator: "is" | "is not", left: Term, right: Term): Term | Refused {
  const condition = asCondition(left);
  if (condition.kind === "refused") return condition;
  const sql = `${enclosed(condition, LEVEL.other)} ${operator} ${right.sql}`;
  return { kind: "boolean", sql, level: LEVEL.is };
}

function compared(operator: Comparison, left: Term, right: Term): Term | Refused {
  const distinct = operator === "is" || operator === "is not";
  const ordering = !distinct && operator !== "=" && operator !== "<>";
  const why = incomparable(left, right, ordering);
  if (why !== undefined) return why;
  const collation = collationOf(left, right);
  const [one, two] = [left, right].map((side) => textKey(side, collation, ordering));
  if (!one || !two) return refused(`the collation ${collation} is none of SQLite's own`);
  if (ordering && typeof left.literal === "string" && typeof right.literal === "string") {
    return refused(`${left.sql} and ${right.sql} are compared, two constants`);
  }
  // one side with a collation is enough
  const other = collation === "binary" && one !== left ? right : two;
  const written = distinct ? `is${operator === "is" ? " not" : ""} distinct from` : operator;
  return {
    kind: "boolean",
    sql: `${enclosed(one, LEVEL.other)} ${written} ${enclosed(other, LEVEL.other)}`,
    level: distinct ? LEVEL.is : LEVEL.comparison,
  };
}

function typesCompared(operator: Comparison, left: Term, right: Term): Term | Refused {
  const [types, name] = left.typesOf ? [left, right] : [right, left];
  const { literal } = name;
  if (typeof literal !== "string" || collationOf(name) !== "binary") {
    return refused(`${types.sql} is compared with ${name.sql}`);
  }
  if (operator === "=" || operator === "is") return typeTest(types, (type) => type === literal);
  if (operator === "<>" || operator === "is not") {
    return typeTest(types, (type) => type !== literal);
  }
  return refused(`${types.sql} is compared by its order`);
}
