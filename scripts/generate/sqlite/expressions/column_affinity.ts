/** What SQLite makes of a value that goes into a column. */
export type Affinity = "integer" | "text" | "blob" | "real" | "numeric";

/**
 * The affinity of a declared type, of a column's or a cast's. Only its words count: FLOATING POINT
 * is an integer, for its "INT", and STRING is a number.
 *
 * @param declared The declared type; may be empty.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["varchar(20)", "FLOATING POINT", "DOUBLE", "DATETIME", ""].map(columnAffinity), [
 *   "text",
 *   "integer",
 *   "real",
 *   "numeric",
 *   "blob",
 * ]);
 * ```
 */
export function columnAffinity(declared: string): Affinity {
  if (/int/i.test(declared)) return "integer";
  if (/char|clob|text/i.test(declared)) return "text";
  if (/blob/i.test(declared) || declared.trim() === "") return "blob";
  if (/real|floa|doub/i.test(declared)) return "real";
  return "numeric";
}
