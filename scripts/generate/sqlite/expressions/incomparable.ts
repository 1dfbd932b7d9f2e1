import type { Refused, Term } from "./term.ts";
import { refused } from "./refused.ts";

/** The integers that a double holds, each of them. */
const MOST_EXACT = 2n ** 53n;
/** Kinds whose values keep the order they had, as long as they were written in one way. */
const ORDERED = new Set(["time", "date"]);

/**
 * Says why two terms would not compare in Postgres as they do in SQLite.
 *
 * @param ordering Whether their order is asked for, or only whether they are equal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { literalTerm } from "./literal_term.ts";
 * import type { Term } from "./term.ts";
 *
 * const [one, text] = [literalTerm({ number: "1" }), literalTerm({ text: "1" })] as Term[];
 * assertEquals(incomparable(one!, one!, true), undefined);
 * assertEquals(incomparable(one!, text!, true)?.why, "1 is compared with '1', a number with a text");
 * ```
 */
export function incomparable(left: Term, right: Term, ordering: boolean): Refused | undefined {
  const [one, two] = [left.kind, right.kind];
  if (one === "null" || two === "null") return undefined;
  if (left.opaque || right.opaque) return opaque(left, right, ordering);
  if (one === "text" && two === "text") return affine(left, right) ?? affine(right, left);
  if (one === two) return undefined;
  const kinds = new Set([one, two]);
  const compares = `${left.sql} is compared with ${right.sql}`;
  if (![...kinds].every((kind) => kind === "integer" || kind === "real" || kind === "numeric")) {
    const said = (kind: string) =>
      kind === "text" ? "a text" : kind === "bytes" ? "bytes" : "a number";
    return refused(`${compares}, ${said(one)} with ${said(two)}`);
  }
  // a decimal in Postgres says the double's shortest digits: in the order of doubles, and of
  // integers
  if (!kinds.has("real")) return undefined;
  for (const side of [left, right]) {
    const { literal } = side;
    if (side.kind === "real" && typeof literal === "number") return undefined;
    if (typeof literal === "bigint" && literal <= MOST_EXACT && literal >= -MOST_EXACT) {
      return undefined;
    }
  }
  return refused(`${compares}, which Postgres rounds to a double first`);
}

function opaque(left: Term, right: Term, ordering: boolean): Refused | undefined {
  const alike = left.opaque && right.opaque && left.kind === right.kind &&
    left.affinity !== undefined && left.affinity === right.affinity;
  if (alike && (ORDERED.has(left.kind) || (left.kind === "uuid" && !ordering))) return undefined;
  const [changed, other] = left.opaque ? [left, right] : [right, left];
  return refused(
    `${changed.sql} holds other values in Postgres than in SQLite, and is compared with ${other.sql}`,
  );
}

/** SQLite makes a number of what is compared with a column of numbers, if it looks like one. */
function affine(column: Term, other: Term): Refused | undefined {
  const { affinity = "blob" } = column;
  if (affinity === "text" || affinity === "blob" || affinity === other.affinity) return undefined;
  const { literal } = other;
  if (typeof literal === "string" && !/^\s*[+-]?\.?\d/.test(literal)) return undefined;
  return refused(
    `${column.sql} was declared as a number and holds texts, so that SQLite reads ${other.sql} as a number`,
  );
}
