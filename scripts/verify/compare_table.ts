import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../database/in_transaction.ts";
import type { Cell } from "../import/sqlite/exact_row.ts";
import type { SourceTable } from "../import/sqlite/list_tables.ts";
import { measureTable } from "../import/sqlite/measure_table.ts";
import type { Source } from "../import/sqlite/open_source.ts";
import { readRows } from "../import/sqlite/read_rows.ts";
import { rowName } from "../import/sqlite/row_name.ts";
import { sourceFailure } from "../import/sqlite/source_failure.ts";
import { classifyRows, type RowCounts } from "./classify_rows.ts";
import { digestColumns } from "./digest_columns.ts";
import type { FileTableMap } from "./file_table.ts";
import { rowDigest } from "./row_digest.ts";
import { rowKey } from "./row_key.ts";
import { sampleValues, type ValueSample } from "./sample_values.ts";
import { sendDigests } from "./send_digests.ts";

/** What a comparison works with. */
export interface Comparing {
  readonly transaction: Transaction;
  readonly source: Source;
  readonly samples: number;
}

/** What became of a table's rows. */
export interface FileComparison extends RowCounts {
  readonly entity: string;
  readonly table: string;
  /** Rows of the file. */
  readonly rows: number;
  readonly differences: readonly FileDifference[];
  /** Columns that a transform of their own makes something of: compared as they are staged. */
  readonly asStaged: readonly string[];
}

/** A kind of difference. */
export interface FileDifference {
  /** value, staged, lost, missing, vanished, twice; or column, with its name as the sample. */
  readonly kind: string;
  readonly count: number;
  readonly sample: readonly { readonly sourceKey: string | null; readonly row: string | null }[];
  /** The columns in which the rows of the sample differ. */
  readonly values: readonly ValueSample[];
}

/** Compares the target of one table, row by row, with the file. */
export async function compareTable(
  comparing: Comparing,
  map: FileTableMap,
  table: SourceTable,
  onRows: (rows: number) => void,
): Promise<FileComparison> {
  const { transaction, source } = comparing;
  const names = [
    ...new Set([
      ...map.columns.flatMap(({ file }) => file === null ? [] : [file]),
      ...map.key,
    ]),
  ];
  const missing = names.filter((name) => !table.columns.some((column) => column.name === name));
  if (missing.length > 0) {
    throw new LandfallError("LF014", `Cannot compare ${table.name}: the file lacks columns`, {
      details: `It has no ${missing.join(", ")}.`,
      hint: "Name the file that was imported; or generate the pipeline anew.",
    });
  }
  const columns = digestColumns(map);
  const place = (name: string | null) => name === null ? 0 : names.indexOf(name) + 1;
  const places = (list: typeof columns.target) => list.map(({ file }) => place(file));
  const staged = map.columns.filter(({ file }) => file !== null);
  const fits = staged.map(({ file, stagingType }) =>
    [place(file), stagingType === "bytea"] as const
  );
  const key = rowKey(map.key.map((name) => {
    const { stagingType, secret } = staged.find(({ file }) => file === name)!;
    return { place: place(name), bytes: stagingType === "bytea", secret };
  }));
  const targetPlaces = places(columns.target);
  const target = rowDigest(columns.target, targetPlaces);
  const hidesKey = staged.some(({ file, secret }) => secret && table.primaryKey.includes(file!));
  const asStaged = rowDigest(columns.staged, places(columns.staged));
  const measure = measureTable(source, table);
  try {
    await sendDigests(transaction, function* () {
      let rows = 0;
      for (const page of readRows(source, table, names, measure)) {
        for (const row of page) {
          rows++;
          yield {
            key: key(row),
            name: rowName(row[0], hidesKey ? [] : row.slice(names.length + 1) as Cell[], rows),
            target: target(row),
            staged: asStaged(row),
            fits: fits.every(([place, bytes]) => isStaged(row[place]!, bytes)),
          };
        }
        onRows(rows);
      }
    });
  } catch (error) {
    throw sourceFailure(error, source.path, table.name);
  }
  const { counts, differences } = await classifyRows(comparing, map, columns);
  const known = [...names, ...map.skipped];
  const sampled: FileDifference[] = [
    ...columns.gone,
    ...table.columns.map(({ name }) => name).filter((name) => !known.includes(name)),
  ].map((column) => ({
    kind: "column",
    count: measure.rows,
    sample: [{ sourceKey: column, row: null }],
    values: [],
  }));
  for (const difference of differences) {
    const keys = difference.sample.flatMap(({ sourceKey }) =>
      sourceKey === null ? [] : [sourceKey]
    );
    const sampling = { table, names, columns: columns.target, places: targetPlaces, key, keys };
    const values = difference.kind === "value" ? await sampleValues(comparing, map, sampling) : [];
    sampled.push({ ...difference, values });
  }
  return {
    entity: map.entity,
    table: table.name,
    rows: measure.rows,
    ...counts,
    asStaged: columns.staged.map(({ file }) => file!),
    differences: sampled,
  };
}

/** Whether an import carries a value over: a blob as bytes, all else as a text. */
function isStaged(cell: Cell, bytes: boolean): boolean {
  if (cell === null) return true;
  return bytes ? cell instanceof Uint8Array : typeof cell !== "object";
}
