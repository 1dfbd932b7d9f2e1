import { asNumber } from "./as_number.ts";
import { collationOf } from "./collation_of.ts";
import type { Expr } from "./parse_sqlite.ts";
import { refused } from "./refused.ts";
import type { Columns, Kind, Refused, Term } from "./term.ts";
import { textKey } from "./text_key.ts";
import { translateTerm } from "./translate_term.ts";
import type { Translation } from "./translate_condition.ts";
import { typed } from "./typed.ts";

/**
 * Translates an expression whose value is kept: a generated column's, or one of an index.
 *
 * A text in an index is compared by its collation: NOCASE becomes `lower(email collate "C")`, so
 * that a unique index refuses the same texts. What is translated is immutable, as Postgres asks. It
 * still refuses a generated column that compares constants with each other, as `'a' < 'b'`: it
 * computes them before it knows their collation.
 *
 * @param columns Those of the table, by their lower-cased names in SQLite.
 * @param kind What the generated column holds in Postgres; nothing for an index.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 * import type { Columns } from "./term.ts";
 *
 * const index = parseStatement("create index i on t (price * 2, email collate nocase)");
 * if (index?.type !== "CreateIndexStmt") throw new Error("it was not parsed");
 * const column = { converted: false, collation: "binary" } as const;
 * const columns: Columns = new Map([
 *   ["price", { ...column, sql: "price", kind: "integer", affinity: "integer" }],
 *   ["email", { ...column, sql: "email", kind: "text", affinity: "text" }],
 * ]);
 * assertEquals(index.columns.map(({ expr }) => translateValue(expr, columns)), [
 *   { kind: "translated", sql: "price * 2" },
 *   { kind: "translated", sql: 'lower(email collate "C")' },
 * ]);
 * ```
 */
export function translateValue(expression: Expr, columns: Columns, kind?: Kind): Translation {
  const term = translateTerm(expression, columns);
  if (term.kind === "refused") return term;
  const value = kind === undefined ? indexed(term) : fitting(term, kind);
  return value.kind === "refused" ? value : { kind: "translated", sql: typed(value).sql };
}

function indexed(term: Term): Term | Refused {
  if (term.typesOf || term.kind === "null" || term.literal !== undefined) {
    return refused(`${term.sql} is the same in every row`);
  }
  const collation = collationOf(term);
  return textKey(term, collation, false) ??
    refused(`the collation ${collation} is none of SQLite's own`);
}

function fitting(term: Term, kind: Kind): Term | Refused {
  if (term.typesOf) return refused(`${term.sql} asks how SQLite holds a value`);
  if (term.collation?.explicit) return refused(`${term.sql} has a collation of its own`);
  if (term.column !== undefined && term.kind === kind) return term;
  if (term.opaque) return refused(`${term.sql} holds other values in Postgres than in SQLite`);
  if (term.kind === kind) return term;
  const number = term.kind === "boolean" ? asNumber(term) : term;
  const widens = number.kind === "integer" && (kind === "real" || kind === "numeric");
  if (number.kind === "refused" || number.kind === kind || widens) return number;
  return refused(`its value is ${said(term)}, and its column holds ${kind} in Postgres`);
}

function said({ kind }: Term): string {
  return kind === "null" ? "always NULL" : `of the kind ${kind}`;
}
