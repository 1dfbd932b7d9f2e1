import { measureTable } from "../../../import/sqlite/measure_table.ts";
import type { Source } from "../../../import/sqlite/open_source.ts";
import { readRows } from "../../../import/sqlite/read_rows.ts";
import { sourceFailure } from "../../../import/sqlite/source_failure.ts";
import { declaration } from "../plan/declaration.ts";
import type { FileTable } from "../schema/file_schema.ts";
import { ColumnCensus } from "./column_census.ts";
import { type FaultCounts, findFaults } from "./find_faults.ts";

/** What a table holds. */
export interface TableCensus {
  readonly rows: number;
  /** By the names of the columns. */
  readonly columns: ReadonlyMap<string, ColumnCensus>;
  readonly faults: FaultCounts;
}

/**
 * Looks at every value of a table.
 *
 * @param tables All tables of the file.
 * @param onRows Is told how many rows have been looked at.
 * @throws LF011 for a damaged file.
 */
export function takeCensus(
  source: Source,
  tables: readonly FileTable[],
  table: FileTable,
  onRows: (rows: number) => void = () => {},
): TableCensus {
  const names = table.columns.map(({ name }) => name);
  const columns = table.columns.map(({ declared }) =>
    new ColumnCensus(declaration(declared).means)
  );
  let rows = 0;
  try {
    for (const page of readRows(source, table, names, measureTable(source, table))) {
      for (const row of page) {
        for (let place = 0; place < columns.length; place++) columns[place]!.add(row[place + 1]!);
      }
      rows += page.length;
      onRows(rows);
    }
    return {
      rows,
      columns: new Map(names.map((name, place) => [name, columns[place]!])),
      faults: findFaults(source, tables, table),
    };
  } catch (error) {
    throw sourceFailure(error, source.path, table.name);
  }
}
