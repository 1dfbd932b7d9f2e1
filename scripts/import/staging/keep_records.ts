import type { Transaction } from "../../database/in_transaction.ts";

/** A value for which its row was left out. */
export interface LeftOut {
  readonly table: string;
  /** The rowid; or the primary key, as SQL writes it. */
  readonly rowId: string;
  readonly column: string;
  /** Why, without the value. */
  readonly reason: string;
}

/** What is imported. */
export interface Recorded {
  readonly pipeline: string;
  /** The file's name, without its folder; or host and database. */
  readonly source: string;
  /** The source's tables that are imported. */
  readonly tables: readonly string[];
  /** Whether rows of earlier imports stay beside it, as when only some tenants are imported. */
  readonly beside?: boolean;
}

/** What the database keeps of an import. */
export interface Records {
  /** Keeps rows that are left out. */
  leaveOut(rows: readonly LeftOut[]): Promise<void>;
  /** Forgets what was left out of a table that is read again. */
  forget(table: string): Promise<void>;
  /** Keeps what became of the tables, and returns the first rows that were left out. */
  finish(tables: Readonly<Record<string, unknown>>): Promise<LeftOut[]>;
}

/** How many are shown. */
const FIRST = 10;

/**
 * Begins the record of an import, in the place of what earlier ones left of the same tables.
 *
 * One that leaves rows of earlier ones leaves their records, too.
 */
export async function keepRecords(
  transaction: Transaction,
  { pipeline, source, tables, beside = false }: Recorded,
): Promise<Records> {
  const names = JSON.stringify(beside ? [] : tables);
  await transaction`
    delete from landfall.left_out
    using landfall.imports
    where imports.id = left_out.import_id
      and imports.pipeline = ${pipeline}
      and ${names}::text::jsonb ? left_out.table_name
  `;
  await transaction`
    update landfall.imports
    set tables = tables - array(select jsonb_array_elements_text(${names}::text::jsonb))
    where pipeline = ${pipeline}
  `;
  await transaction`
    delete from landfall.imports where pipeline = ${pipeline} and tables = '{}'
  `;
  const [made] = await transaction<{ id: string }[]>`
    insert into landfall.imports (pipeline, source) values (${pipeline}, ${source}) returning id
  `;
  const id = made!.id;
  return {
    leaveOut: async (rows) => {
      await transaction`
        insert into landfall.left_out (import_id, table_name, row_id, column_name, reason)
        select ${id}, fault ->> 'table', fault ->> 'rowId', fault ->> 'column', fault ->> 'reason'
        from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb)
          with ordinality as faults (fault, nth)
        order by nth
      `;
    },
    forget: async (table) => {
      await transaction`
        delete from landfall.left_out where import_id = ${id} and table_name = ${table}
      `;
    },
    finish: async (loaded) => {
      await transaction`
        update landfall.imports
        set tables = ${JSON.stringify(loaded)}::text::jsonb
        where id = ${id}
      `;
      return await transaction<LeftOut[]>`
        select table_name as table, row_id as "rowId", column_name as column, reason
        from landfall.left_out
        where import_id = ${id}
        order by id
        limit ${FIRST}
      `;
    },
  };
}
