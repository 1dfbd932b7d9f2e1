import { asNumber } from "./as_number.ts";
import { refused } from "./refused.ts";
import type { Kind, Refused, Term } from "./term.ts";
import { typed } from "./typed.ts";

/** Terms of which a row takes one, and what they have in common. */
export interface Branches {
  readonly kind: Kind | "null";
  readonly terms: readonly Term[];
  readonly mixed: boolean;
  readonly most?: bigint;
}

/**
 * Makes terms one kind of which a row takes one, as the results of CASE and the arguments of
 * coalesce(). SQLite would leave each as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { literalTerm } from "./literal_term.ts";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const enabled: Term = { kind: "boolean", sql: "enabled", level: LEVEL.primary };
 * const branches = commonKind([enabled, literalTerm({ number: "0" }) as Term]);
 * assertEquals(branches.kind !== "refused" && branches.terms.map(({ sql }) => sql), [
 *   "enabled",
 *   "false",
 * ]);
 * ```
 */
export function commonKind(terms: readonly Term[]): Branches | Refused {
  for (const { sql, opaque, collation } of terms) {
    if (opaque) return refused(`${sql} holds other values in Postgres than in SQLite`);
    if (collation?.explicit) return refused(`${sql} has a collation inside an expression`);
  }
  const truths = terms.some(({ kind, literal }) => kind === "boolean" && literal === undefined);
  const ready = truths ? terms.map(asTruth) : terms;
  const kinds = new Set(ready.map(({ kind }) => kind).filter((kind) => kind !== "null"));
  if (kinds.size > 1 && kinds.has("boolean")) return numbers(ready);
  return sameKind(ready, kinds);
}

function sameKind(terms: readonly Term[], kinds: ReadonlySet<Kind>): Branches | Refused {
  const [kind = "null", ...others] = kinds;
  const mixed = terms.some((term) => term.mixed);
  const most = furthest(terms);
  if (others.length === 0 && kind !== "real") return { kind, terms, mixed, most };
  if (others.length === 0 || (kinds.size === 2 && kinds.has("integer") && kinds.has("real"))) {
    const exact = terms.every((term) =>
      term.kind !== "integer" || (term.most !== undefined && term.literal !== undefined)
    );
    const reals = terms.some((term) => term.kind === "real" && term.literal === undefined);
    if (exact) {
      return {
        kind: "real",
        terms: reals ? terms : terms.map(typed),
        mixed: mixed || others.length > 0,
      };
    }
  }
  const said = terms.map(({ sql }) => sql).join(", ");
  return refused(`its value is one of ${said}, which are of different types`);
}

function numbers(terms: readonly Term[]): Branches | Refused {
  const all = [];
  for (const term of terms) {
    const number = asNumber(term);
    if (number.kind === "refused") return number;
    all.push(number);
  }
  return commonKind(all);
}

/** 0 and 1 beside truth values are truth values as well. */
function asTruth(term: Term): Term {
  const { literal, kind } = term;
  if (kind !== "integer" || (literal !== 0n && literal !== 1n)) return term;
  return { ...term, kind: "boolean", sql: String(literal === 1n) };
}

/** Nothing when one of them is a `bigint`. */
function furthest(terms: readonly Term[]): bigint | undefined {
  let furthest = 0n;
  for (const { kind, most } of terms) {
    if (kind === "null") continue;
    if (most === undefined) return undefined;
    if (most > furthest) furthest = most;
  }
  return furthest;
}
