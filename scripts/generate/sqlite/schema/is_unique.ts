import type { FileTable } from "./file_schema.ts";

/**
 * Whether columns of a table name one row: they are its primary key, or unique whatever the row.
 *
 * A foreign key that refers to other columns is one that SQLite itself refuses as soon as it looks.
 */
export function isUnique(table: FileTable, columns: readonly string[]): boolean {
  const keys = [
    table.primaryKey,
    ...table.uniques.map((unique) => unique.columns.map(({ name }) => name)),
    ...table.indexes.filter(({ unique, where }) => unique && where === undefined)
      .map(({ parts }) => parts.map(({ column }) => column ?? "")),
  ];
  return columns.length > 0 && keys.some((key) => sorted(key) === sorted(columns));
}

/** SQLite's names differ by more than their case. */
function sorted(names: readonly string[]): string {
  return names.map((name) => name.toLowerCase()).toSorted().join("\0");
}
