import type { Source } from "../../../import/sqlite/open_source.ts";
import { quoted } from "../../../import/staging/quoted.ts";
import type { FileForeignKey, FileTable } from "../schema/file_schema.ts";
import { findTable } from "../schema/find_table.ts";
import { isUnique } from "../schema/is_unique.ts";

/** What SQLite lets pass and Postgres does not. */
export interface FaultCounts {
  /** Rows with NULL in their primary key. */
  readonly nullKeys: number;
  /** Keys that are several in SQLite and one as texts: 1 and '1'. */
  readonly sameKeys: number;
  /** Rows whose parent is missing, by foreign key in the order of the table's. */
  readonly orphans: readonly number[];
  /** Values of unique text columns that differ by case only, by column. */
  readonly sameButCase: Readonly<Record<string, number>>;
}

/**
 * Counts the faults of a table's rows.
 *
 * @param tables All tables of the file.
 */
export function findFaults(
  source: Source,
  tables: readonly FileTable[],
  table: FileTable,
): FaultCounts {
  const from = `main.${quoted(table.name)} as source`;
  const cell = (name: string) => `source.${quoted(name)}`;
  const count = (query: string) =>
    (source.database.prepare(`select count(*) as count from ${query}`).get() as { count: number })
      .count;
  const key = table.primaryKey.map(cell);
  const uniques = [
    ...table.uniques.map(({ columns }) => columns.map(({ name }) => name)),
    ...table.indexes.filter(({ unique }) => unique)
      .map(({ parts }) => parts.flatMap(({ column }) => column === undefined ? [] : [column])),
  ].filter((columns) => columns.length === 1).flat();
  return {
    nullKeys: table.rowIdAlias !== undefined || key.length === 0
      ? 0
      : count(`${from} where ${key.map((part) => `${part} is null`).join(" or ")}`),
    sameKeys: table.rowIdAlias !== undefined || key.length === 0 ? 0 : count(
      `(select 1 from ${from} where ${key.map((part) => `${part} is not null`).join(" and ")}
        group by ${key.map((part) => `cast(${part} as text)`).join(", ")} having count(*) > 1)`,
    ),
    orphans: table.foreignKeys.map((foreignKey) => orphans(source, tables, table, foreignKey)),
    sameButCase: Object.fromEntries(
      [...new Set(uniques)].map((name) =>
        [
          name,
          count(
            `(select 1 from ${from} where typeof(${cell(name)}) = 'text'
              group by lower(${cell(name)}) having count(distinct ${cell(name)}) > 1)`,
          ),
        ] as const
      ).filter(([, many]) => many > 0),
    ),
  };
}

/** Nothing is counted for a key that SQLite itself would refuse. */
function orphans(
  { database }: Source,
  tables: readonly FileTable[],
  table: FileTable,
  { columns, parent, parentColumns }: FileForeignKey,
): number {
  const found = findTable(tables, parent);
  if (!found || columns.length !== parentColumns.length || !isUnique(found, parentColumns)) {
    return 0;
  }
  const filled = columns.map((name) => `source.${quoted(name)} is not null`);
  // by the parent's collation, to find it by its index, and to the letter, as Postgres compares
  const equal = columns.flatMap((name, place) => {
    const equality = `parent.${quoted(parentColumns[place]!)} = source.${quoted(name)}`;
    return [equality, `${equality} collate binary`];
  });
  const { count } = database.prepare(
    `select count(*) as count from main.${quoted(table.name)} as source
     where ${filled.join(" and ")} and not exists (
       select 1 from main.${quoted(found.name)} as parent where ${equal.join(" and ")}
     )`,
  ).get() as { count: number };
  return count;
}
