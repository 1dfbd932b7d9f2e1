/**
 * Lower-cases a text as SQLite does, and as Postgres does by the collation "C": only A to Z.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(foldAscii("ÉCOLE"), "École");
 * ```
 */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
