import { type ColumnType, columnType } from "./column_type.ts";
import { copyRows } from "./copy_rows.ts";
import { damagedTable } from "./damaged_table.ts";
import { type Cell, exactRow } from "./exact_row.ts";
import type { Loading } from "./load_table.ts";
import type { Measure } from "./measure_table.ts";
import type { TablePlan } from "./plan_table.ts";
import { prepareRows, type RawRow } from "./prepare_rows.ts";
import { readPages } from "./read_pages.ts";
import type { LeftOut } from "../staging/keep_records.ts";
import { rowEncoder, type TargetColumn } from "./row_encoder.ts";
import { rowName } from "./row_name.ts";
import { rowsQuery } from "./rows_query.ts";

/** How the filling ended: a column that is too narrow stops it. */
export type Filled =
  | {
    readonly kind: "filled";
    readonly rows: number;
    readonly leftOut: number;
    /** Text columns that hold something else, too. */
    readonly mixed: readonly string[];
  }
  | { readonly kind: "narrow"; readonly column: string };

/** Faults are kept in the database before they fill the memory. */
const FAULTS_HELD = 2_000;

/**
 * Fills an empty staging table with the rows of a table.
 *
 * @param columns The columns with their types.
 * @throws LF011 for a damaged file, and when the table refuses a row.
 */
export async function fillTable(
  { transaction, source, records, onRows }: Loading,
  plan: TablePlan,
  measure: Measure,
  columns: readonly TargetColumn[],
): Promise<Filled> {
  const { source: table, staging } = plan;
  const names = columns.map((column) => column.source);
  const exact = table.rowId === undefined || source.encoding !== "utf-8";
  const exactQuery = rowsQuery(table, names, true);
  const again = exact
    ? undefined
    : prepareRows(source, `${exactQuery} where source.${table.rowId} = ?`);
  const encode = rowEncoder(`staging.${staging}`, columns);
  // only tables of an import's own making have types that follow the values
  const follows = plan.makes || plan.existing?.made;
  const hidesKey = plan.existing?.columns.some(({ file, name, secret }) =>
    secret && table.primaryKey.includes(file ?? name)
  );
  const mixed = new Set<string>();
  await using copy = copyRows(transaction, plan, columns);
  const { buffer } = copy;

  let rows = 0;
  let leftOut = 0;
  let held: LeftOut[] = [];
  const keepFaults = async () => {
    await copy.end();
    await records.leaveOut(held);
    held = [];
  };
  for (const page of readPages(source, table, names, { exact, largest: measure.largest })) {
    for (const raw of page) {
      rows++;
      if (!exact && encodePlain(raw)) continue;
      const cells = exactRow(again ? again.all(raw[0] as bigint)[0]! : raw, source.encoding);
      const narrow = tooNarrow(cells, 0);
      if (narrow !== undefined) {
        await copy.end();
        return { kind: "narrow", column: narrow };
      }
      const faults = encode(buffer, cells, 0);
      if (faults.length === 0) continue;
      leftOut++;
      const rowId = rowName(raw[0], hidesKey ? [] : cells.slice(names.length), rows);
      held.push(...faults.map((fault) => ({ table: table.name, rowId, ...fault })));
    }
    await copy.send();
    if (held.length >= FAULTS_HELD) await keepFaults();
    onRows(rows);
  }
  await keepFaults();
  if (rows !== measure.rows) {
    throw damagedTable(source.path, table.name, rows, measure.rows);
  }
  return { kind: "filled", rows: rows - leftOut, leftOut, mixed: [...mixed] };

  /** Whether a row that was read quickly is written, and was read as it is. */
  function encodePlain(raw: RawRow): boolean {
    if (tooNarrow(raw, 1) !== undefined) return false;
    const start = buffer.length;
    buffer.textBytes = 0;
    buffer.replaced = false;
    const faults = encode(buffer, raw, 1);
    if (faults.length === 0 && !buffer.replaced && BigInt(buffer.textBytes) === raw.at(-1)) {
      return true;
    }
    buffer.length = start;
    return false;
  }

  /** The first column whose type does not follow from its value. */
  function tooNarrow(cells: readonly Cell[], from: number): string | undefined {
    if (!follows) return undefined;
    for (let place = 0; place < columns.length; place++) {
      const { type, guessed, source: name } = columns[place]!;
      const cell = cells[from + place]!;
      if (cell === null) continue;
      if (columnType(guessed ? undefined : type as ColumnType, cell) !== type) return name;
      if (type === "text" && typeof cell !== "string") mixed.add(name);
    }
    return undefined;
  }
}
