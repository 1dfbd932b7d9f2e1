import { printable } from "./printable.ts";

/** A cell: a number is set to the right, with its thousands apart. */
export type Cell = string | number;

/** Sums have more decimals than usual. */
const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 20 });

/**
 * Sets rows as a table of plain text, which is safe for a terminal whatever the cells hold.
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
  const right = head.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  return [head, ...texts].map((row) =>
    row.map((text, column) => {
      const space = " ".repeat(widths[column]! - widthOf(text));
      return right[column] ? space + text : text + space;
    }).join("  ").trimEnd()
  );
}

function textOf(cell: Cell): string {
  return typeof cell === "number" ? NUMBER.format(cell) : printable(cell);
}

function widthOf(text: string): number {
  return [...new Intl.Segmenter().segment(text)].length;
}
