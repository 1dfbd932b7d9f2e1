import type { Comparing } from "./compare_table.ts";
import type { DigestColumn } from "./digest_columns.ts";
import type { FileTableMap } from "./file_table.ts";
import type { SourceTable } from "../import/sqlite/list_tables.ts";
import { measureTable } from "../import/sqlite/measure_table.ts";
import { readRows, type Row } from "../import/sqlite/read_rows.ts";

/** A value that differs. */
export interface ValueSample {
  readonly sourceKey: string;
  readonly column: string;
  /** What the file says; null for NULL, undefined where its value does not convert. */
  readonly expected: string | null | undefined;
  readonly actual: string | null;
}

/** Where the rows of a sample are found. */
export interface Sampling {
  readonly table: SourceTable;
  /** The columns that are read. */
  readonly names: readonly string[];
  readonly columns: readonly DigestColumn[];
  readonly places: readonly number[];
  readonly key: (row: Row) => string | undefined;
  readonly keys: readonly string[];
}

const MOST = 200;

/** Looks once more at rows that differ, column by column. Values of secrets are withheld. */
export async function sampleValues(
  { transaction, source }: Comparing,
  map: FileTableMap,
  { table, names, columns, places, key, keys }: Sampling,
): Promise<ValueSample[]> {
  if (columns.length === 0) return [];
  const wanted = new Map<string, Row>();
  for (const page of readRows(source, table, names, measureTable(source, table))) {
    for (const row of page) {
      const name = key(row);
      if (name !== undefined && keys.includes(name)) wanted.set(name, row);
    }
    if (wanted.size === keys.length) break;
  }
  const stored = await transaction.unsafe<{ key: string; texts: (string | null)[] }[]>(
    `
    select lineage.source_key as key, to_jsonb(array[${columns.map(({ sql }) => sql).join(", ")}])
      as texts
    from landfall.lineage
    join ${map.target} as stored_ on ${map.sameTarget}
    where lineage.entity_id = $1 and $2::text::jsonb ? lineage.source_key
    `,
    [map.entityId, JSON.stringify(keys)],
  );
  return stored.flatMap(({ key: sourceKey, texts }) =>
    columns.flatMap(({ name, read, secret }, nth) => {
      const expected = read(wanted.get(sourceKey)![places[nth]!]!);
      const actual = texts[nth]!;
      if (expected === actual) return [];
      return [{
        sourceKey,
        column: name,
        expected: secret ? "withheld" : shown(expected),
        actual: secret ? "withheld" : shown(actual) ?? null,
      }];
    })
  );
}

function shown(value: string | null | undefined): string | null | undefined {
  return value != null && value.length > MOST ? `${value.slice(0, MOST)}…` : value;
}
