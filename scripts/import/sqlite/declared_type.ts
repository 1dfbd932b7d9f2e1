import type { ColumnType } from "./column_type.ts";

/**
 * The type for a column that holds no values, by what was declared, as SQLite reads a declaration.
 *
 * @param declared The declared type; may be empty.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["UNSIGNED BIG INT", "varchar(20)", "FLOAT", "BLOB", "DATETIME", ""].map(declaredType), [
 *   "bigint",
 *   "text",
 *   "double precision",
 *   "bytea",
 *   "text",
 *   "text",
 * ]);
 * ```
 */
export function declaredType(declared: string): ColumnType {
  if (/int/i.test(declared)) return "bigint";
  if (/char|clob|text/i.test(declared)) return "text";
  if (/blob/i.test(declared)) return "bytea";
  if (/real|floa|doub/i.test(declared)) return "double precision";
  return "text";
}
