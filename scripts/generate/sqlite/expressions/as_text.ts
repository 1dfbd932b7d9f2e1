import { asNumber } from "./as_number.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";

/**
 * A term where SQLite reads a text: integers are written out, the same on both sides. Reals are
 * not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL } from "./term.ts";
 *
 * const text = asText({ kind: "integer", sql: "a", level: LEVEL.primary });
 * assertEquals(text.kind !== "refused" && text.sql, "a::text");
 * ```
 */
export function asText(term: Term): Term | Refused {
  if (term.opaque) return refused(`${term.sql} holds other values in Postgres than in SQLite`);
  if (term.collation?.explicit) return refused(`${term.sql} has a collation inside an expression`);
  if (term.kind === "text" || term.kind === "null") return term;
  if (term.kind === "bytes") {
    return refused(`${term.sql} holds bytes, which would be read as a text`);
  }
  const number = asNumber(term);
  if (number.kind === "refused") return number;
  if (number.kind !== "integer" || number.mixed) {
    return refused(`${term.sql} can be a real, which both write differently as a text`);
  }
  if (number.literal !== undefined) {
    const literal = String(number.literal);
    return { kind: "text", sql: `'${literal}'`, level: LEVEL.primary, literal };
  }
  return { kind: "text", sql: `${enclosed(number, LEVEL.cast)}::text`, level: LEVEL.cast };
}
