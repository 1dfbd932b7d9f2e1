import type { Cell } from "./exact_row.ts";

/**
 * Names a row so that it can be found in the file: by its rowid, or by its primary key, or else by
 * its place.
 *
 * @param key The cells of the primary key.
 * @param place Counted from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(rowName(7n, [], 1), "7");
 * assertEquals(rowName(null, ["a\0", 2n, new Uint8Array([255])], 1), "\"a\\u0000\", 2, x'ff'");
 * assertEquals(rowName(null, [], 3), "row 3");
 * ```
 */
export function rowName(rowId: unknown, key: readonly Cell[], place: number): string {
  if (rowId !== null) return String(rowId);
  return key.length > 0 ? key.map(literal).join(", ") : `row ${place}`;
}

function literal(cell: Cell): string {
  if (cell === null || typeof cell !== "object") {
    return typeof cell === "string" ? JSON.stringify(cell) : String(cell);
  }
  return `x'${(cell instanceof Uint8Array ? cell : cell.bytes).toHex()}'`;
}
