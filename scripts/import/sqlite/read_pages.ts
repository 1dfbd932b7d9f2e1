import type { SourceTable } from "./list_tables.ts";
import type { Measure } from "./measure_table.ts";
import type { Source } from "./open_source.ts";
import { prepareRows, type RawRow } from "./prepare_rows.ts";
import { rowsQuery } from "./rows_query.ts";

const ROWS = 500;
const BYTES = 4 * 1024 * 1024;
/** Below this many rows a page is not worth a query of its own. */
const FEW = 50;
const LOWEST_ROW_ID = -(2n ** 63n);
const HIGHEST_ROW_ID = 2n ** 63n - 1n;

/**
 * Reads a table page by page, in the order of its rowids, or of its key where it has none.
 *
 * Memory stays flat: a page holds a few megabytes at most, or a single row.
 *
 * @param columns Names of columns.
 * @param exact Whether texts come as bytes: see {@linkcode rowsQuery}.
 * @throws {Error} What SQLite says of a damaged file.
 */
export function* readPages(
  source: Source,
  table: SourceTable,
  columns: readonly string[],
  { exact, largest }: { readonly exact: boolean } & Pick<Measure, "largest">,
): Generator<readonly RawRow[]> {
  const query = rowsQuery(table, columns, exact);
  const limit = Math.min(ROWS, Math.floor(BYTES / Math.max(largest, 1)));
  if (table.rowId === undefined || limit < FEW) {
    for (const row of prepareRows(source, query).iterate()) yield [row];
    return;
  }
  const page = prepareRows(
    source,
    `${query} where source.${table.rowId} >= ? order by source.${table.rowId} limit ${limit}`,
  );
  for (let from = LOWEST_ROW_ID;;) {
    const rows = page.all(from);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1)?.[0] as bigint | undefined;
    if (rows.length < limit || last === undefined || last === HIGHEST_ROW_ID) return;
    from = last + 1n;
  }
}
