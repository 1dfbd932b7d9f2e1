import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import { addPrimaryKey } from "../staging/add_primary_key.ts";
import { fillTable } from "./fill_table.ts";
import type { Records } from "../staging/keep_records.ts";
import { makeTable } from "../staging/make_table.ts";
import type { Measure } from "./measure_table.ts";
import type { Source } from "./open_source.ts";
import type { TablePlan } from "./plan_table.ts";
import { quoted } from "../staging/quoted.ts";
import { type StorageClasses, storageClasses } from "./storage_classes.ts";
import { valueTypes } from "./value_types.ts";

/** What became of a table. */
export interface LoadedTable {
  /** The table in schema staging. */
  readonly staging: string;
  /** Whether the import made it. */
  readonly made: boolean;
  readonly rows: number;
  readonly leftOut: number;
  readonly notImported: readonly string[];
  readonly notFilled: readonly string[];
  /** What the columns that became text because their values are mixed hold. */
  readonly mixed: Readonly<Record<string, StorageClasses>>;
  /** The primary key of the file that a table made could not have, as its values forbid it. */
  readonly noPrimaryKey: readonly string[];
}

/** What a table is loaded with. */
export interface Loading {
  readonly transaction: Transaction;
  readonly source: Source;
  readonly pipeline: string;
  readonly records: Records;
  /** Is told how many rows of the table are read. */
  readonly onRows: (rows: number) => void;
}

/**
 * Loads a table of the file into its staging table, which is emptied or made.
 *
 * A table that is made has the types that its first rows need. When a later row needs another, the
 * types of all rows are looked at, and the table is made again: that is rare, and looking first
 * would read every file twice.
 *
 * @throws LF011 when the file is damaged or the table refuses a row.
 */
export async function loadTable(
  loading: Loading,
  plan: TablePlan,
  measure: Measure,
): Promise<LoadedTable> {
  const { transaction, source, pipeline, records } = loading;
  const { staging, makes, existing } = plan;
  let columns = makes ? valueTypes(source, plan, measure, "first rows") : plan.columns;
  for (let replace = existing !== undefined;; replace = true) {
    if (makes) {
      const about = `Table ${plan.source.name} of a SQLite file, for pipeline ${pipeline}.`;
      await makeTable(transaction, { name: staging, columns, about }, replace);
    } else await transaction.unsafe(`truncate staging.${quoted(staging)}`);
    const filled = await fillTable(loading, plan, measure, columns);
    if (filled.kind === "narrow") {
      if (!makes) throw refuseNewShape(plan, filled.column);
      columns = valueTypes(source, { ...plan, columns }, measure, "all rows");
      await records.forget(plan.source.name);
      continue;
    }

    const key = makes ? plan.source.primaryKey : [];
    const hasKey = key.length === 0 || await addPrimaryKey(transaction, staging, key);
    await transaction.unsafe(`analyze staging.${quoted(staging)}`);
    const mixed = filled.mixed.map((column) =>
      [column, storageClasses(source, plan.source, column)] as const
    );
    return {
      staging: `staging.${staging}`,
      made: makes || (existing?.made ?? false),
      rows: filled.rows,
      leftOut: filled.leftOut,
      notImported: plan.notImported,
      notFilled: plan.notFilled,
      mixed: Object.fromEntries(mixed),
      noPrimaryKey: hasKey ? [] : key,
    };
  }
}

function refuseNewShape({ source, staging, existing }: TablePlan, column: string): LandfallError {
  return new LandfallError(
    "LF011",
    `Cannot import table ${source.name}: values of ${column} need another type, and views read ` +
      `staging.${staging}`,
    {
      details: `The views are ${existing?.views.join(", ")}.`,
      hint: "Drop them, import again, and make them anew.",
    },
  );
}
