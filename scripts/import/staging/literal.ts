/**
 * Writes a text as SQL does, whatever it holds and whatever `standard_conforming_strings` says.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(literal("it's"), "'it''s'");
 * assertEquals(literal("\\"), "E'\\\\'");
 * ```
 */
export function literal(text: string): string {
  const body = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${body.replaceAll("\\", "\\\\")}'` : `'${body}'`;
}
