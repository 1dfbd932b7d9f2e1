import type { TableCensus } from "../census/take_census.ts";
import type { Mapping } from "../mapping.ts";
import type { FileTable } from "../schema/file_schema.ts";
import { findTable } from "../schema/find_table.ts";
import type { Choice } from "./choose_reading.ts";

/** The choices for a table's columns, by their names. */
export type Choices = Map<string, Choice>;

/**
 * Gives the columns of foreign keys the types of the columns they refer to: SQLite compares 7 with
 * '7', Postgres does not. A column keeps its own type where one of its values would not be of the
 * parent's.
 *
 * @param choices The choices by the names of the tables; changed in place.
 */
export function adoptKeys(
  tables: readonly FileTable[],
  censuses: ReadonlyMap<string, TableCensus>,
  choices: ReadonlyMap<string, Choices>,
  mapping: Mapping,
): void {
  // a parent's column may follow a parent of its own
  for (let round = 0, changed = true; changed && round < tables.length; round++) {
    changed = false;
    for (const table of tables) {
      for (const { columns, parent, parentColumns } of table.foreignKeys) {
        const found = findTable(tables, parent);
        columns.forEach((name, place) => {
          const child = choices.get(table.name)?.get(name);
          const column = found && findColumn(found, parentColumns[place]);
          const model = column && choices.get(found.name)?.get(column);
          if (!child || !model || child.type === model.type || name === table.rowIdAlias) return;
          if (mapping.tables[table.name]?.columns?.[name]?.type !== undefined) return;
          const census = censuses.get(table.name)!.columns.get(name)!;
          if (!fits(model, census)) return;
          choices.get(table.name)!.set(name, {
            type: model.type,
            reading: model.reading,
            evidence: [`as ${found.name}.${column}, to which it refers`],
            misfits: 0,
          });
          changed = true;
        });
      }
    }
  }
}

function findColumn({ columns }: FileTable, name: string | undefined): string | undefined {
  return columns.find((column) => column.name.toLowerCase() === name?.toLowerCase())?.name;
}

type Census = TableCensus["columns"] extends ReadonlyMap<string, infer Each> ? Each : never;

function fits({ type, reading }: Choice, census: Census): boolean {
  switch (reading.as) {
    case "integer":
      return census.integers + census.textsAs.integer === census.values;
    case "uuid":
      return census.textsAs.uuid === census.values;
    case "text":
      return type === "text" && census.blobs + census.damaged === 0;
    default:
      return false;
  }
}
