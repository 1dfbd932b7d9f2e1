/**
 * Writes a text as a literal of SQL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(literal("it's"), "'it''s'");
 * assertEquals(literal("a\\b"), "E'a\\\\b'");
 * ```
 */
export function literal(text: string): string {
  const doubled = text.replaceAll("'", "''");
  // whatever standard_conforming_strings says
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
