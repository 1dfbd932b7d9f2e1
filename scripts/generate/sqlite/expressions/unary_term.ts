import { asNumber } from "./as_number.ts";
import { logic } from "./logic.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, MOST_INTEGER, type Refused, type Term } from "./term.ts";
import { wide } from "./wide.ts";

/**
 * Translates an operator before its operand.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const size: Term = { kind: "integer", sql: "size", level: LEVEL.primary };
 * const term = unaryTerm("Negative", size);
 * assertEquals(term.kind !== "refused" && term.sql, "-size");
 * ```
 */
export function unaryTerm(
  operator: "BitwiseNot" | "Negative" | "Not" | "Positive",
  operand: Term,
): Term | Refused {
  if (operator === "Not") return logic("not", operand);
  // it changes no value, and makes of a column an expression without affinity
  if (operator === "Positive") {
    const { literal, kind } = operand;
    return literal !== undefined && kind === "boolean"
      ? asNumber(operand)
      : { ...operand, affinity: undefined, column: undefined };
  }
  const number = asNumber(operand);
  if (number.kind === "refused" || number.kind === "null") return number;
  if (operator === "Negative") return negative(number);
  if (number.kind !== "integer" || number.mixed) {
    return refused(`~ makes an integer of ${number.sql}`);
  }
  const integer = number.most === MOST_INTEGER ? wide(number) : number;
  return {
    kind: "integer",
    sql: `~${enclosed(integer, LEVEL.primary)}`,
    level: LEVEL.other,
    most: integer.most === undefined ? undefined : integer.most + 1n,
  };
}

function negative(number: Term): Term {
  const { kind, literal, mixed, most } = number;
  const operand = enclosed(number, LEVEL.primary);
  if (kind === "real" && literal === undefined) {
    // so SQLite computes it: 0 stays 0, where Postgres would make -0 of it
    return { kind, sql: `0 - ${enclosed(number, LEVEL.multiply)}`, level: LEVEL.add, mixed };
  }
  const opposite = literal === undefined || typeof literal === "string" ? undefined : -literal;
  return { kind, sql: `-${operand}`, level: LEVEL.sign, mixed, most, literal: opposite };
}
