import { type Arithmetic, arithmetic } from "./arithmetic.ts";
import { asText } from "./as_text.ts";
import { type Comparison, comparison } from "./comparison.ts";
import { logic } from "./logic.ts";
import type { Operator } from "./parse_sqlite.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";

const COMPARISONS: Readonly<Partial<Record<Operator, Comparison>>> = {
  Equals: "=",
  NotEquals: "<>",
  Less: "<",
  LessEquals: "<=",
  Greater: ">",
  GreaterEquals: ">=",
  Is: "is",
  IsNot: "is not",
};
const ARITHMETIC: Readonly<Partial<Record<Operator, Arithmetic>>> = {
  Add: "+",
  Subtract: "-",
  Multiply: "*",
  Divide: "/",
  Modulus: "%",
  BitwiseAnd: "&",
  BitwiseOr: "|",
};

/**
 * Translates an operator between two terms.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const [a, b] = ["a", "b"].map((sql): Term => ({ kind: "text", sql, level: LEVEL.primary }));
 * const term = binaryTerm("Concat", a!, b!);
 * assertEquals(term.kind !== "refused" && term.sql, "a || b");
 * ```
 */
export function binaryTerm(operator: Operator, left: Term, right: Term): Term | Refused {
  const compares = COMPARISONS[operator];
  if (compares !== undefined) return comparison(compares, left, right);
  const computes = ARITHMETIC[operator];
  if (computes !== undefined) return arithmetic(computes, left, right);
  switch (operator) {
    case "And":
      return logic("and", left, right);
    case "Or":
      return logic("or", left, right);
    case "Concat":
      return concatenation(left, right);
    case "ArrowRight":
    case "ArrowRightShift":
      return refused("-> and ->> read JSON, by paths that Postgres does not have");
    default:
      return refused("<< and >> shift otherwise by what is below 0 or above 63");
  }
}

function concatenation(one: Term, two: Term): Term | Refused {
  const [left, right] = [asText(one), asText(two)];
  if (left.kind === "refused" || right.kind === "refused") {
    return left.kind === "refused" ? left : right;
  }
  if (left.kind === "null" || right.kind === "null") {
    return { kind: "null", sql: "null", level: LEVEL.primary };
  }
  return {
    kind: "text",
    sql: `${enclosed(left, LEVEL.other)} || ${enclosed(right, LEVEL.other + 1)}`,
    level: LEVEL.other,
  };
}
