/**
 * Writes a text as a literal of Postgres, where `standard_conforming_strings` is on.
 *
 * @param value Without NUL, which no text of Postgres holds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(textLiteral("it's"), "'it''s'");
 * ```
 */
export function textLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
