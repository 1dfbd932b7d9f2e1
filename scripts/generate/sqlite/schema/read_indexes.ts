import type { Source as Database } from "../../../import/sqlite/open_source.ts";
import { parseStatement } from "../expressions/parse_sqlite.ts";
import type { FileIndex, FileIndexPart, FileUnique, Source } from "./file_schema.ts";

interface Part {
  readonly name: string | null;
  readonly collation: string;
  readonly descending: number;
}

/** A table's indexes, by what they are for. */
export interface Indexes {
  readonly uniques: readonly FileUnique[];
  readonly indexes: readonly FileIndex[];
  /** Whether the primary key has an index: it is no other name of the rowid then. */
  readonly hasKeyIndex: boolean;
}

/** Reads a table's unique constraints and indexes, in the order in which they were made. */
export function readIndexes({ database }: Database, table: string): Indexes {
  const listed = database.prepare(
    `select indexes.name, indexes."unique", origin, sqlite_schema.sql
     from pragma_index_list(?) as indexes
     left join sqlite_schema on sqlite_schema.name = indexes.name and sqlite_schema.type = 'index'
     order by seq desc`,
  ).all(table) as { name: string; unique: number; origin: string; sql: string | null }[];
  const partsOf = database.prepare(
    `select name, lower(coll) as collation, "desc" as descending
     from pragma_index_xinfo(?) where key = 1 order by seqno`,
  );
  const parts = (index: string) => partsOf.all(index) as unknown as Part[];
  return {
    uniques: listed.filter(({ origin }) => origin === "u").map(({ name }) => ({
      columns: parts(name).map(({ name, collation }) => ({ name: name!, collation })),
    })),
    indexes: listed.filter(({ origin }) => origin === "c").map(({ name, unique, sql }) => ({
      name,
      unique: unique === 1,
      sql: sql!,
      ...sourcesOf(sql!, parts(name)),
    })),
    hasKeyIndex: listed.some(({ origin }) => origin === "pk"),
  };
}

function sourcesOf(sql: string, parts: readonly Part[]): Pick<FileIndex, "parts" | "where"> {
  const statement = parseStatement(sql);
  const parsed = statement?.type === "CreateIndexStmt" ? statement : undefined;
  const source = (node: { span: { offset: number; length: number } }): string =>
    sql.slice(node.span.offset, node.span.offset + node.span.length);
  const where: Source | undefined = parsed?.whereClause
    ? { expression: parsed.whereClause, text: source(parsed.whereClause) }
    : undefined;
  return {
    where: where ?? (parsed === undefined ? { expression: undefined, text: sql } : undefined),
    parts: parts.map(({ name, collation, descending }, place): FileIndexPart => {
      const expression = name === null ? parsed?.columns[place]?.expr : undefined;
      return {
        column: name ?? undefined,
        collation,
        descending: descending === 1,
        expression,
        text: name ?? (expression ? source(expression) : sql),
      };
    }),
  };
}
