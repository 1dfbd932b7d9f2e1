import type { FileTable } from "./file_schema.ts";

/** Finds a table by a name as SQLite compares it: letter case aside. */
export function findTable(tables: readonly FileTable[], name: string): FileTable | undefined {
  return tables.find((table) => table.name.toLowerCase() === name.toLowerCase());
}
