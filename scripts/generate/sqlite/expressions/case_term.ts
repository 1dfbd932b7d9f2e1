import { asCondition } from "./as_condition.ts";
import { asNumber } from "./as_number.ts";
import { collationOf } from "./collation_of.ts";
import { commonKind } from "./common_kind.ts";
import { comparison } from "./comparison.ts";
import { incomparable } from "./incomparable.ts";
import { refused } from "./refused.ts";
import { LEVEL, type Refused, type Term } from "./term.ts";
import { textKey } from "./text_key.ts";

/** A branch of CASE. */
export interface Branch {
  readonly when: Term;
  readonly then: Term;
}

/**
 * Translates CASE, in both forms, and iif().
 *
 * @param base What each `when` is compared with; conditions stand there without it.
 * @param otherwise NULL without it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { literalTerm } from "./literal_term.ts";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const size: Term = { kind: "integer", sql: "size", level: LEVEL.primary };
 * const [one, two] = ["1", "2"].map((number) => literalTerm({ number })) as [Term, Term];
 * const term = caseTerm(undefined, [{ when: size, then: one }], two);
 * assertEquals(term.kind !== "refused" && term.sql, "case when size <> 0 then 1 else 2 end");
 * ```
 */
export function caseTerm(
  base: Term | undefined,
  branches: readonly Branch[],
  otherwise: Term | undefined,
): Term | Refused {
  const conditions = base === undefined ? searched(branches) : compared(base, branches);
  if ("kind" in conditions) return conditions;
  const results = branches.map(({ then }) => then);
  const common = commonKind(otherwise === undefined ? results : [...results, otherwise]);
  if (common.kind === "refused") return common;
  if (common.kind === "null") return { kind: "null", sql: "null", level: LEVEL.primary };
  const { kind, terms, mixed, most } = common;
  const whens = conditions.whens.map((when, place) => ` when ${when} then ${terms[place]!.sql}`);
  const rest = otherwise === undefined ? "" : ` else ${terms.at(-1)!.sql}`;
  return {
    kind,
    sql: `case${conditions.base}${whens.join("")}${rest} end`,
    level: LEVEL.primary,
    mixed,
    most,
  };
}

type Conditions = { readonly base: string; readonly whens: readonly string[] };

function searched(branches: readonly Branch[]): Conditions | Refused {
  const whens = [];
  for (const { when } of branches) {
    const condition = asCondition(when);
    if (condition.kind === "refused") return condition;
    whens.push(condition.sql);
  }
  return { base: "", whens };
}

/** Compares in each branch by itself. */
function apart(base: Term, branches: readonly Branch[]): Conditions | Refused {
  const whens = [];
  for (const { when } of branches) {
    const condition = comparison("=", base, when);
    if (condition.kind === "refused") return condition;
    whens.push(condition.sql);
  }
  return { base: "", whens };
}

function compared(base: Term, branches: readonly Branch[]): Conditions | Refused {
  const [subject, ...values] = [base, ...branches.map(({ when }) => when)].map((term) =>
    term.kind === "boolean" ? asNumber(term) : term
  );
  // Postgres forgets that the collation of the first operand was said, and finds two in a
  // comparison with a column
  if (
    base.kind === "text" &&
    values.some((value) => value.kind === "text" && value.literal === undefined)
  ) {
    return apart(base, branches);
  }
  const whens = [];
  const collations = new Set<string>();
  if (!subject || subject.kind === "refused") return subject ?? refused("CASE has no branches");
  if (subject.kind === "null") return refused("CASE compares NULL, which equals nothing");
  for (const value of values) {
    if (value.kind === "refused") return value;
    const why = incomparable(subject, value, false);
    if (why !== undefined) return why;
    const collation = collationOf(subject, value);
    collations.add(collation);
    const key = textKey(value, collation, false);
    if (key === undefined) return refused(`the collation ${collation} is none of SQLite's own`);
    whens.push(key.sql);
  }
  if (collations.size > 1) return refused("CASE compares by different collations");
  const [collation = "binary"] = collations;
  return { base: ` ${textKey(subject, collation, false)?.sql}`, whens };
}
