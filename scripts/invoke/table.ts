/** A cell: a number is set to the right, with its thousands apart. */
export type Cell = string | number;

/**
 * Sets rows as a table of plain text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(table(["entity", "rows"], [["clients", 1200]]), [
 *   "entity    rows",
 *   "clients  1,200",
 * ]);
 * ```
 */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const texts = rows.map((row) => row.map(textOf));
  const widths = head.map((title, column) =>
    Math.max(...[title, ...texts.map((row) => row[column]!)].map(widthOf))
  );
  const right = head.map((_, column) => typeof rows[0]?.[column] === "number");
  return [head, ...texts].map((row) =>
    row.map((text, column) => {
      const space = " ".repeat(widths[column]! - widthOf(text));
      return right[column] ? space + text : text + space;
    }).join("  ").trimEnd()
  );
}

function textOf(cell: Cell): string {
  return typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
}

function widthOf(text: string): number {
  return [...new Intl.Segmenter().segment(text)].length;
}
