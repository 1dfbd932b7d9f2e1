import { asNumber } from "./as_number.ts";
import { asText } from "./as_text.ts";
import { columnAffinity } from "./column_affinity.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";
import { typed } from "./typed.ts";

/**
 * Translates CAST where both sides make the same of every value. SQLite makes a number of any text,
 * so that those are refused.
 *
 * @param type The type's name, which SQLite only reads for its affinity.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const size: Term = { kind: "integer", sql: "size", level: LEVEL.primary };
 * const text = castTerm(size, "varchar");
 * assertEquals(text.kind !== "refused" && text.sql, "size::text");
 * ```
 */
export function castTerm(term: Term, type: string): Term | Refused {
  if (term.kind === "null") return term;
  if (term.collation?.explicit) return refused(`${term.sql} has a collation inside an expression`);
  const affinity = columnAffinity(type);
  const { collation } = term;
  if (affinity === "text") {
    const text = asText(term);
    return text.kind === "refused" ? text : { ...text, column: undefined, affinity, collation };
  }
  const number = asNumber(term);
  if (number.kind === "refused") return number;
  const exact = { ...number, column: undefined, affinity };
  if (!number.mixed && number.kind === "integer" && affinity !== "blob") {
    return affinity === "real" ? { ...double(number), affinity } : exact;
  }
  if (!number.mixed && number.kind === "real") {
    if (affinity === "real") return { ...typed(exact), affinity };
    if (affinity === "integer") {
      const sql = `trunc(${typed(number).sql})::bigint`;
      return { kind: "integer", sql, level: LEVEL.cast, affinity };
    }
  }
  return refused(`${term.sql} is cast to ${type}, of which Postgres would make something else`);
}

function double(term: Term): Term {
  const sql = `${enclosed(term, LEVEL.cast)}::double precision`;
  return { kind: "real", sql, level: LEVEL.cast };
}
