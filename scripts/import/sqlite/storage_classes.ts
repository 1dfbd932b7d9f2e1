import type { SourceTable } from "./list_tables.ts";
import type { Source } from "./open_source.ts";
import { quoted } from "../staging/quoted.ts";

/** How many values a column holds of each of SQLite's storage classes. */
export type StorageClasses = Readonly<Record<string, number>>;

/** Counts the storage classes of a column's values, NULL left out. */
export function storageClasses(source: Source, table: SourceTable, column: string): StorageClasses {
  const cell = `source.${quoted(column)}`;
  const counts = source.database.prepare(
    `select typeof(${cell}) as class, count(*) as count from main.${quoted(table.name)} as source
     where ${cell} is not null group by 1 order by 1`,
  ).all() as { class: string; count: number }[];
  return Object.fromEntries(counts.map((each) => [each.class, each.count]));
}
