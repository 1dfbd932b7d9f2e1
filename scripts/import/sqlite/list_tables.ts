import type { Source } from "./open_source.ts";
import { sourceFailure } from "./source_failure.ts";

/** A table of a SQLite file. */
export interface SourceTable {
  readonly name: string;
  readonly columns: readonly SourceColumn[];
  /** The columns of its declared primary key, in the key's order. */
  readonly primaryKey: readonly string[];
  /** The name under which its rowid can be read; a table may have none, or hide it. */
  readonly rowId: string | undefined;
}

/** A column as it was declared. */
export interface SourceColumn {
  readonly name: string;
  /** The declared type, which says little about the values: SQLite hardly enforces it. */
  readonly declared: string;
}

/** What a SQLite file holds. */
export interface SourceContents {
  readonly tables: readonly SourceTable[];
  /** Views, virtual tables and what belongs to these: they have no rows of their own to read. */
  readonly others: readonly string[];
}

/**
 * Lists the tables of a SQLite file with their columns, generated ones included.
 *
 * @throws LF011 when the file's schema cannot be read.
 */
export function listTables(source: Source): SourceContents {
  try {
    const listed = source.database.prepare(
      `select name, type, wr from pragma_table_list
       where schema = 'main' and name not like 'sqlite\\_%' escape '\\' order by name`,
    ).all() as unknown as { name: string; type: string; wr: number }[];
    return {
      tables: listed.filter(({ type }) => type === "table")
        .map(({ name, wr }) => describe(source, name, wr === 0)),
      others: listed.filter(({ type }) => type !== "table").map(({ name }) => name),
    };
  } catch (error) {
    throw sourceFailure(error, source.path);
  }
}

function describe({ database }: Source, table: string, hasRowId: boolean): SourceTable {
  const columns = database.prepare(
    "select name, type as declared, pk from pragma_table_xinfo(?) where hidden <> 1 order by cid",
  ).all(table) as unknown as (SourceColumn & { pk: number })[];
  const taken = columns.map(({ name }) => name.toLowerCase());
  const rowId = ["rowid", "_rowid_", "oid"].find((name) => !taken.includes(name));
  return {
    name: table,
    columns: columns.map(({ name, declared }) => ({ name, declared })),
    primaryKey: columns.filter(({ pk }) => pk > 0)
      .toSorted((one, other) => one.pk - other.pk)
      .map(({ name }) => name),
    rowId: hasRowId ? rowId : undefined,
  };
}
