import { foldAscii } from "./fold_ascii.ts";
import { enclosed, LEVEL, type Term } from "./term.ts";
import { textLiteral } from "./text_literal.ts";

/**
 * What stands for a text where it is compared, so that Postgres compares as SQLite does by its
 * collation: NOCASE folds A to Z, RTRIM leaves blanks at the end out.
 *
 * @param ordering Whether the order of texts counts: it is that of their bytes.
 * @returns Nothing for a collation of the app's own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const email: Term = { kind: "text", sql: "email", level: LEVEL.primary };
 * assertEquals(textKey(email, "binary", false)?.sql, "email");
 * assertEquals(textKey(email, "binary", true)?.sql, 'email collate "C"');
 * assertEquals(textKey(email, "nocase", false)?.sql, 'lower(email collate "C")');
 * assertEquals(textKey(email, "rtrim", false)?.sql, "rtrim(email, ' ')");
 * assertEquals(textKey(email, "unicode", false), undefined);
 * ```
 */
export function textKey(term: Term, collation: string, ordering: boolean): Term | undefined {
  if (term.kind !== "text") return term;
  const { literal } = term;
  const collated = `${enclosed(term, LEVEL.collate)} collate "C"`;
  switch (collation) {
    case "binary":
      return ordering && literal === undefined
        ? { ...term, sql: collated, level: LEVEL.collate }
        : term;
    case "nocase":
      return typeof literal === "string"
        ? { ...term, sql: textLiteral(foldAscii(literal)) }
        : { ...term, sql: `lower(${collated})`, level: LEVEL.primary };
    case "rtrim":
      return typeof literal === "string"
        ? { ...term, sql: textLiteral(literal.replace(/ +$/, "")) }
        : {
          ...term,
          sql: `rtrim(${ordering ? collated : term.sql}, ' ')`,
          level: LEVEL.primary,
        };
    default:
      return undefined;
  }
}
