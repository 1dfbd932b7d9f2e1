import type { Cell } from "../import/sqlite/exact_row.ts";
import type { Row } from "../import/sqlite/read_rows.ts";
import { realText } from "../import/sqlite/real_text.ts";

/**
 * Makes the function that gives a row's source key, as a generated transform does: its key; the
 * parts as SQL writes texts where there are several; its rowid where it has no key, or NULL in it.
 *
 * @param places Where the cells of the key stand in a row.
 * @returns It gives undefined for a key that Postgres cannot hold.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(rowKey([1])([7n, "a"]), "a");
 * assertEquals(rowKey([1])([7n, null]), "rowid 7");
 * assertEquals(rowKey([1, 2])([7n, "it's", 2n]), "'it''s','2'");
 * assertEquals(rowKey([])([7n, "a"]), "7");
 * ```
 */
export function rowKey(places: readonly number[]): (row: Row) => string | undefined {
  const [only, another] = places;
  return (row) => {
    if (only === undefined) return String(row[0]);
    const parts = places.map((place) => stagedText(row[place]!));
    if (parts.includes(undefined)) return undefined;
    if (parts.includes(null)) return `rowid ${row[0]}`;
    return another === undefined ? parts[0]! : parts.map((part) => quotedText(part!)).join(",");
  };
}

function stagedText(cell: Cell): string | null | undefined {
  switch (typeof cell) {
    case "string":
      return cell;
    case "bigint":
      return cell.toString();
    case "number":
      return realText(cell);
    default:
      if (cell === null) return null;
      return cell instanceof Uint8Array ? cell.toHex() : undefined;
  }
}

/** As quote_literal() of Postgres. */
function quotedText(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
