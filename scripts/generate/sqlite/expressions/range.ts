import { asNumber } from "./as_number.ts";
import { booleanTest } from "./boolean_test.ts";
import { collationOf } from "./collation_of.ts";
import { incomparable } from "./incomparable.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";
import { textKey } from "./text_key.ts";

/**
 * Whether a term is between two others, which are two comparisons in SQLite and in Postgres.
 *
 * @param not Whether it is asked not to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { literalTerm } from "./literal_term.ts";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const size: Term = { kind: "integer", sql: "size", level: LEVEL.primary };
 * const [low, high] = ["1", "9.5"].map((number) => literalTerm({ number })) as [Term, Term];
 * const term = range(size, low, high, false);
 * assertEquals(term.kind !== "refused" && term.sql, "size between 1 and 9.5");
 * ```
 */
export function range(term: Term, low: Term, high: Term, not: boolean): Term | Refused {
  const bounds = [low.literal, high.literal].map((value) =>
    typeof value === "bigint" ? Number(value) : value
  );
  const [least, most] = bounds;
  if (term.kind === "boolean" && typeof least === "number" && typeof most === "number") {
    if (!term.opaque) {
      return booleanTest(term, (value) => (value >= least && value <= most) !== not);
    }
  }
  const sides = [];
  for (const each of [term, low, high]) {
    const side = each.kind === "boolean" ? asNumber(each) : each;
    if (side.kind === "refused") return side;
    sides.push(side);
  }
  const [subject, first, last] = sides as [Term, Term, Term];
  const why = incomparable(subject, first, true) ?? incomparable(subject, last, true);
  if (why !== undefined) return why;
  const collation = collationOf(subject, first);
  if (collation !== collationOf(subject, last)) {
    return refused(`${low.sql} and ${high.sql} are compared by different collations`);
  }
  if (typeof subject.literal === "string") {
    return refused(`the constant ${subject.sql} is compared by its order`);
  }
  // one side with a collation is enough, and the grammar of Postgres takes none in the bounds
  const keys = sides.map((side) => textKey(side, collation, side === subject));
  const [key, from, to] = keys.map((key) => key && enclosed(key, LEVEL.other));
  if (key === undefined) return refused(`the collation ${collation} is none of SQLite's own`);
  return {
    kind: "boolean",
    sql: `${key} ${not ? "not " : ""}between ${from} and ${to}`,
    level: LEVEL.like,
  };
}
