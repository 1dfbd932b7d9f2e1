import type { SourceTable } from "../../../import/sqlite/list_tables.ts";
import { listTables } from "../../../import/sqlite/list_tables.ts";
import type { Source as Database } from "../../../import/sqlite/open_source.ts";
import { sourceFailure } from "../../../import/sqlite/source_failure.ts";
import type { FileObject, FileSchema, FileTable } from "./file_schema.ts";
import { readForeignKeys } from "./read_foreign_keys.ts";
import { readIndexes } from "./read_indexes.ts";
import { readStatement } from "./read_statement.ts";

/**
 * Reads all that a SQLite file declares: from its pragmas, and what these do not tell (checks,
 * collations, expressions) from the statements that made its tables.
 *
 * @throws LF011 when the file's schema cannot be read.
 */
export function readSchema(source: Database): FileSchema {
  const { tables } = listTables(source);
  try {
    return { tables: tables.map((table) => describe(source, table)), others: listOthers(source) };
  } catch (error) {
    throw sourceFailure(error, source.path);
  }
}

function describe(source: Database, table: SourceTable): FileTable {
  const { database } = source;
  const { sql } = database.prepare(
    "select sql from sqlite_schema where name = ? and type = 'table'",
  ).get(table.name) as { sql: string };
  const rows = database.prepare('select name, "notnull", type from pragma_table_xinfo(?)')
    .all(table.name) as { name: string; notnull: number; type: string }[];
  const statement = readStatement(sql);
  const { uniques, indexes, hasKeyIndex } = readIndexes(source, table.name);
  const [key] = table.primaryKey;
  const aliases = table.rowId !== undefined && table.primaryKey.length === 1 && !hasKeyIndex;
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      notNull: rows.find(({ name }) => name === column.name)!.notnull === 1,
      collation: statement?.columns.get(column.name)?.collation ?? "binary",
      default: statement?.columns.get(column.name)?.default,
      generated: statement?.columns.get(column.name)?.generated,
    })),
    sql,
    understood: statement !== undefined,
    rowIdAlias: aliases ? key : undefined,
    highestRowId: statement?.autoIncrement ? highestRowId(source, table.name) : undefined,
    foreignKeys: readForeignKeys(source, table.name, statement?.deferred ?? []),
    uniques,
    checks: statement?.checks ?? [],
    conflictClauses: statement?.conflictClauses ?? [],
    indexes,
  };
}

function highestRowId({ database }: Database, table: string): bigint | undefined {
  const statement = database.prepare("select seq from sqlite_sequence where name = ?");
  statement.setReadBigInts(true);
  const seq = statement.get(table)?.seq;
  return typeof seq === "bigint" ? seq : undefined;
}

function listOthers({ database }: Database): FileObject[] {
  const listed = database.prepare(
    `select
       case
         when sqlite_schema.type = 'table' then tables.type || ' table'
         else sqlite_schema.type
       end as kind,
       sqlite_schema.name,
       iif(sqlite_schema.type = 'trigger', tbl_name, null) as "table",
       sqlite_schema.sql
     from sqlite_schema
     left join pragma_table_list(sqlite_schema.name) as tables on tables.schema = 'main'
     where sqlite_schema.type in ('view', 'trigger') or tables.type in ('virtual', 'shadow')
     order by sqlite_schema.type, sqlite_schema.name`,
  ).all() as unknown as FileObject[];
  return listed.map((object) => ({ ...object, table: object.table ?? undefined }));
}
