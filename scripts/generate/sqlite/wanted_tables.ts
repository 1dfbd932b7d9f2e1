import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Mapping } from "./mapping.ts";
import type { FileSchema, FileTable } from "./schema/file_schema.ts";
import { findTable } from "./schema/find_table.ts";

/**
 * Finds the tables of a file that are to be migrated: those named, less those the mapping skips.
 *
 * @param path The file, for messages.
 * @param named Names of tables; left out, all are wanted.
 * @throws LF008 for a name that is none of a table.
 */
export function wantedTables(
  path: string,
  named: readonly string[] | undefined,
  { tables, others }: FileSchema,
  mapping: Mapping,
): FileTable[] {
  const wanted = named?.map((name) => {
    const found = findTable(tables, name);
    if (found) return found;
    const other = others.find((object) => object.name === name);
    throw new LandfallError(
      "LF008",
      other ? `${name} of ${path} is a ${other.kind}` : `${path} has no table ${name}`,
      {
        details: `Its tables are ${tables.map((table) => table.name).join(", ") || "none"}.`,
        hint: "Name some of these with --tables.",
      },
    );
  }) ?? tables;
  return tables.filter((table) =>
    wanted.includes(table) && mapping.tables[table.name]?.skip === undefined
  );
}
