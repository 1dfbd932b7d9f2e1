import type { Cell } from "./exact_row.ts";

/** The types that an import gives to columns of tables it makes. */
export type ColumnType = "bigint" | "double precision" | "numeric" | "text" | "bytea";

/**
 * The type a column needs so that a further value goes into it exactly.
 *
 * Integers and reals share a double where that loses no digit, or else a numeric; whatever else is
 * mixed is text. A blob never becomes text: its row will be left out.
 *
 * @param type What the column needed so far; nothing before its first value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(columnType(undefined, 7n), "bigint");
 * assertEquals(columnType("bigint", 0.5), "double precision");
 * assertEquals(columnType("double precision", 2n ** 53n + 1n), "numeric");
 * assertEquals(columnType("numeric", "seven"), "text");
 * ```
 */
export function columnType(type: ColumnType | undefined, cell: Cell): ColumnType | undefined {
  if (cell === null || type === "text") return type;
  switch (typeof cell) {
    case "bigint":
      if (type === undefined) return "bigint";
      if (type === "double precision" && BigInt(Number(cell)) !== cell) return "numeric";
      return type === "bytea" ? "text" : type;
    case "number":
      if (type === undefined || type === "bigint") return "double precision";
      if (type === "numeric" && Object.is(cell, -0)) return "text";
      return type === "bytea" ? "text" : type;
    case "string":
      return "text";
    default:
      return cell instanceof Uint8Array && (type ?? "bytea") === "bytea" ? "bytea" : "text";
  }
}
