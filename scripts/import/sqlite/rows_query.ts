import type { SourceTable } from "./list_tables.ts";
import { quoted } from "../staging/quoted.ts";

/**
 * The query that reads rows of a table: what names the row, its cells, and a witness.
 *
 * The driver cuts a text at a NUL and replaces bytes that are no UTF-8, without a word. The witness
 * is the number of bytes that the row's texts have in the file, so that a row that reads otherwise
 * stands out and is read again, exactly: then texts come as bytes, and the witness is a letter for
 * each cell's storage class (t, b, i, r, n).
 *
 * @param columns Names of columns.
 * @returns SQL without a condition. Its first column is the rowid, or null where there is none; the
 * columns of the primary key then follow the cells.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const table = { name: "users", columns: [], primaryKey: ["id"], rowId: "rowid" };
 * assertEquals(
 *   rowsQuery(table, ["mail"], false),
 *   `select source.rowid, source."mail", ` +
 *     `iif(typeof(source."mail") = 'text', octet_length(source."mail"), 0) ` +
 *     `from main."users" as source`,
 * );
 * ```
 */
export function rowsQuery(
  table: SourceTable,
  columns: readonly string[],
  exact: boolean,
): string {
  const key = table.rowId === undefined ? table.primaryKey : [];
  // qualified, because SQLite takes a quoted name that it does not know for a text
  const cells = [...columns, ...key].map((name) => `source.${quoted(name)}`);
  const select = exact
    ? [
      ...cells.map((cell) => `iif(typeof(${cell}) = 'text', cast(${cell} as blob), ${cell})`),
      tree(cells.map((cell) => `substr(typeof(${cell}), 1, 1)`), "||"),
    ]
    : [
      ...cells,
      tree(cells.map((cell) => `iif(typeof(${cell}) = 'text', octet_length(${cell}), 0)`), "+"),
    ];
  const name = table.rowId === undefined ? "null" : `source.${table.rowId}`;
  return `select ${[name, ...select].join(", ")} from main.${quoted(table.name)} as source`;
}

/** SQLite limits how deep an expression may be; a thousand columns in a chain would be too deep. */
function tree(parts: readonly string[], operator: string): string {
  if (parts.length === 1) return parts[0]!;
  const middle = Math.ceil(parts.length / 2);
  const [left, right] = [parts.slice(0, middle), parts.slice(middle)];
  return `(${tree(left, operator)} ${operator} ${tree(right, operator)})`;
}
