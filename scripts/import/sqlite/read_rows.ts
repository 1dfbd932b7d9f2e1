import { Buffer } from "node:buffer";
import { damagedTable } from "./damaged_table.ts";
import { type Cell, exactRow } from "./exact_row.ts";
import type { SourceTable } from "./list_tables.ts";
import type { Measure } from "./measure_table.ts";
import type { Source } from "./open_source.ts";
import { prepareRows, type RawRow } from "./prepare_rows.ts";
import { readPages } from "./read_pages.ts";
import { rowsQuery } from "./rows_query.ts";

/** A row: its rowid, or null where the table has none; then its cells. */
export type Row = readonly [bigint | null, ...Cell[]];

/**
 * Reads all rows of a table, page by page, each value exactly as it is in the file.
 *
 * @param columns Names of columns.
 * @throws LF011 when rows are out of reach; what SQLite says of a damaged file.
 */
export function* readRows(
  source: Source,
  table: SourceTable,
  columns: readonly string[],
  measure: Measure,
): Generator<readonly Row[]> {
  const exact = table.rowId === undefined || source.encoding !== "utf-8";
  const exactQuery = rowsQuery(table, columns, true);
  const again = exact
    ? undefined
    : prepareRows(source, `${exactQuery} where source.${table.rowId} = ?`);
  let rows = 0;
  for (const page of readPages(source, table, columns, { exact, largest: measure.largest })) {
    rows += page.length;
    yield page.map((raw) => {
      if (again === undefined) return rowOf(raw, exactRow(raw, source.encoding));
      if (isRead(raw)) return raw as Row;
      return rowOf(raw, exactRow(again.all(raw[0] as bigint)[0]!, source.encoding));
    });
  }
  if (rows !== measure.rows) throw damagedTable(source.path, table.name, rows, measure.rows);
}

function rowOf(raw: RawRow, cells: readonly Cell[]): Row {
  return [raw[0] as bigint | null, ...cells];
}

/** Whether the driver has read the row's texts as they are: see {@linkcode rowsQuery}. */
function isRead(raw: RawRow): boolean {
  let bytes = 0;
  for (let place = 1; place < raw.length - 1; place++) {
    const cell = raw[place];
    if (typeof cell !== "string") continue;
    // the sign stands for bytes that are no text, or for itself
    if (cell.includes("\ufffd")) return false;
    bytes += Buffer.byteLength(cell);
  }
  return BigInt(bytes) === raw.at(-1);
}
