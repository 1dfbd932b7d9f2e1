import type { SourceTable } from "./list_tables.ts";
import type { Source } from "./open_source.ts";

/** How much a table holds. */
export interface Measure {
  readonly rows: number;
  /** Bytes of its largest row. */
  readonly largest: number;
}

/**
 * Counts a table's rows, page by page of the file, without looking into them.
 *
 * It says beforehand how many there must be, so that rows that are out of reach in a damaged file
 * are missed, and how much memory some of them may take.
 *
 * @throws {Error} What SQLite says of a damaged file.
 */
export function measureTable(source: Source, { name }: SourceTable): Measure {
  // rows stand in the leaves of a table with a rowid, and in all pages of one without
  const { rows, largest } = source.database.prepare(
    `select
       coalesce(sum(ncell) filter (where pagetype = 'leaf' or wr = 1), 0) as rows,
       coalesce(max(mx_payload), 0) as largest
     from dbstat
     join pragma_table_list(dbstat.name) as tables on tables.schema = 'main'
     where dbstat.name = ?`,
  ).get(name) as unknown as Measure;
  return { rows, largest };
}
