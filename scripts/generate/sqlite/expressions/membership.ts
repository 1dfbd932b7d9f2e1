import { asNumber } from "./as_number.ts";
import { booleanTest } from "./boolean_test.ts";
import { collationOf } from "./collation_of.ts";
import { incomparable } from "./incomparable.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";
import { textKey } from "./text_key.ts";
import { typeTest } from "./type_test.ts";

/**
 * Whether a term is among others: by the term's own collation, whatever theirs are.
 *
 * @param not Whether it is asked to be none of them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { literalTerm } from "./literal_term.ts";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const size: Term = { kind: "integer", sql: "size", level: LEVEL.primary };
 * const list = ["1", "2"].map((number) => literalTerm({ number })) as Term[];
 * const term = membership(size, list, true);
 * assertEquals(term.kind !== "refused" && term.sql, "size not in (1, 2)");
 * ```
 */
export function membership(term: Term, list: readonly Term[], not: boolean): Term | Refused {
  if (list.length === 0) {
    return { kind: "boolean", sql: String(not), level: LEVEL.primary, neverFalse: not };
  }
  const values = list.map(({ literal }) => literal);
  if (term.typesOf) {
    if (!values.every((value) => typeof value === "string")) {
      return refused(`${term.sql} in a list`);
    }
    return typeTest(term, (type) => values.includes(type) !== not);
  }
  if (term.kind === "boolean" && !term.opaque && values.every((value) => value !== undefined)) {
    const numbers = values.map(Number);
    if (list.every(({ kind }) => kind !== "text")) {
      return booleanTest(term, (value) => numbers.includes(value) !== not);
    }
  }
  return listed(term, list, not);
}

function listed(term: Term, list: readonly Term[], not: boolean): Term | Refused {
  const subject = unconverted(term);
  if (subject.kind === "refused") return subject;
  const collation = collationOf(subject);
  const keys = [];
  for (const each of list) {
    const item = unconverted(each);
    if (item.kind === "refused") return item;
    if (item.collation?.explicit) return refused(`${item.sql} has a collation inside a list`);
    const why = incomparable(subject, item, false);
    if (why !== undefined) return why;
    const key = textKey(item, collation, false);
    if (key === undefined) return refused(`the collation ${collation} is none of SQLite's own`);
    keys.push(key.sql);
  }
  const key = textKey(subject, collation, false) ?? subject;
  return {
    kind: "boolean",
    sql: `${enclosed(key, LEVEL.other)} ${not ? "not " : ""}in (${keys.join(", ")})`,
    level: LEVEL.like,
  };
}

function unconverted(term: Term): Term | Refused {
  return term.kind === "boolean" ? asNumber(term) : term;
}
