import { asNumber } from "./as_number.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, MOST_INTEGER, type Refused, type Term } from "./term.ts";
import { typed } from "./typed.ts";
import { wide } from "./wide.ts";

/** An operator on numbers, written the same on both sides. */
export type Arithmetic = "+" | "-" | "*" | "/" | "%" | "&" | "|";

const LEVELS: Readonly<Record<Arithmetic, number>> = {
  "+": LEVEL.add,
  "-": LEVEL.add,
  "*": LEVEL.multiply,
  "/": LEVEL.multiply,
  "%": LEVEL.multiply,
  "&": LEVEL.other,
  "|": LEVEL.other,
};

/**
 * Computes with two numbers as SQLite does: a division by 0 is NULL there. Where SQLite goes over
 * to doubles because a result takes more than 64 bits, Postgres refuses the row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const [a, b] = ["a", "b"].map((sql): Term => ({ kind: "integer", sql, level: LEVEL.primary }));
 * const term = arithmetic("/", a!, b!);
 * assertEquals(term.kind !== "refused" && term.sql, "a / nullif(b, 0)");
 * ```
 */
export function arithmetic(operator: Arithmetic, one: Term, two: Term): Term | Refused {
  const [left, right] = [asNumber(one), asNumber(two)];
  if (left.kind === "refused") return left;
  if (right.kind === "refused") return right;
  for (const { kind, mixed, sql } of [left, right]) {
    if (mixed || kind === "numeric") {
      return refused(
        `${sql} can be an integer or a real in SQLite, which it computes differently with`,
      );
    }
  }
  const bits = operator === "&" || operator === "|" || operator === "%";
  if (bits && (left.kind === "real" || right.kind === "real")) {
    return refused(`${operator} makes integers of reals`);
  }
  const divides = operator === "/" || operator === "%";
  const nothing = divides && right.literal !== undefined && Number(right.literal) === 0;
  if (nothing || left.kind === "null" || right.kind === "null") {
    return { kind: "null", sql: "null", level: LEVEL.primary };
  }
  const level = LEVELS[operator];
  const integers = left.kind === "integer" && right.kind === "integer";
  const most = integers ? furthest(operator, left, right) : undefined;
  const overflows = most !== undefined && most > MOST_INTEGER;
  const [first, second] = integers ? [overflows ? wide(left) : left, right] : reals(left, right);
  const divisor = divides && right.literal === undefined
    ? `nullif(${second.sql}, 0)`
    : enclosed(second, level + 1);
  return {
    kind: integers ? "integer" : "real",
    sql: `${enclosed(first, level)} ${operator} ${divisor}`,
    level,
    most: overflows ? undefined : most,
  };
}

/** How far from 0 the result of two `integer`s can be; nothing when one is a `bigint`. */
function furthest(operator: Arithmetic, { most: left }: Term, { most: right }: Term) {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case "+":
    case "-":
      return left + right;
    case "*":
      return left * right;
    case "/":
    case "%":
      return left;
    default:
      // as many bits as the longer one
      return 2n ** BigInt(((left > right ? left : right) + 1n).toString(2).length);
  }
}

function reals(left: Term, right: Term): [Term, Term] {
  const known = [left, right].some(({ kind, literal }) => kind === "real" && literal === undefined);
  return known ? [left, right] : [typed(left), typed(right)];
}
