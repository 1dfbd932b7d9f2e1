import { basename } from "@std/path";
import { inTransaction } from "../../database/in_transaction.ts";
import { Progress } from "../../invoke/progress.ts";
import { keepRecords, type LeftOut } from "../staging/keep_records.ts";
import { lockPipeline } from "../staging/lock_pipeline.ts";
import { lockTables } from "../staging/lock_tables.ts";
import { stagingTables } from "../staging/staging_tables.ts";
import { listTables, type SourceTable } from "./list_tables.ts";
import { type LoadedTable, loadTable } from "./load_table.ts";
import { type Measure, measureTable } from "./measure_table.ts";
import type { Source } from "./open_source.ts";
import { type ImportOptions, planImport } from "./plan_import.ts";
import { sourceFailure } from "./source_failure.ts";

/** What an import did, as `--json` prints it. */
export interface SqliteImport {
  readonly pipeline: string;
  /** The file's name, without its folder. */
  readonly file: string;
  /** Whether the content of a `-wal` beside it was read with it. */
  readonly withWal: boolean;
  /** What became of the tables, by their names in the file. */
  readonly tables: Readonly<Record<string, LoadedTable>>;
  /** What else the file holds: tables, views and virtual tables. */
  readonly notImported: readonly string[];
  /** Staging tables that an earlier import made, and that the file does not have. */
  readonly left: readonly string[];
  /** Rows that could not be carried over exactly, of all tables. */
  readonly leftOut: number;
  /** The first of these. */
  readonly first: readonly LeftOut[];
  readonly durationMs: number;
}

/**
 * Loads tables of a SQLite file into the staging tables of a pipeline, all of them or none.
 *
 * @param url The database, if it is not the usual one.
 * @throws LF011 for the file, LF202 while a run uses the tables.
 */
export async function importSource(
  options: ImportOptions,
  source: Source,
  url?: string,
): Promise<SqliteImport> {
  const start = performance.now();
  const { pipeline, path } = options;
  const file = basename(path);
  const contents = listTables(source);
  using progress = new Progress();
  return await inTransaction(
    async (transaction) => {
      await transaction`set local statement_timeout = 0`;
      await lockPipeline(transaction, pipeline);
      // for analyze: a tenth of the usual sample tells enough of legacy rows
      await transaction`set local default_statistics_target = 10`;
      const plan = planImport(options, contents, await stagingTables(transaction, pipeline));
      await lockTables(transaction, pipeline, plan.tables);
      const planned = plan.tables.map((table) => ({
        table,
        measure: measured(source, table.source),
      }));
      const total = planned.reduce((sum, { measure }) => sum + measure.rows, 0);
      const tables = plan.tables.map(({ source }) => source.name);
      const records = await keepRecords(transaction, { pipeline, source: file, tables });

      const loaded: Record<string, LoadedTable> = {};
      let before = 0;
      for (const { table, measure } of planned) {
        const onRows = (rows: number) => progress.update({ done: before + rows, total });
        const loading = { transaction, source, pipeline, records, onRows };
        const { name } = table.source;
        try {
          loaded[name] = await loadTable(loading, table, measure);
        } catch (error) {
          throw sourceFailure(error, path, name);
        }
        before += measure.rows;
      }
      return {
        pipeline,
        file,
        withWal: source.withWal,
        tables: loaded,
        notImported: plan.notImported,
        left: plan.left,
        leftOut: Object.values(loaded).reduce((sum, { leftOut }) => sum + leftOut, 0),
        first: await records.finish(loaded),
        durationMs: Math.round(performance.now() - start),
      };
    },
    "write",
    url,
  );
}

function measured(source: Source, table: SourceTable): Measure {
  try {
    return measureTable(source, table);
  } catch (error) {
    throw sourceFailure(error, source.path, table.name);
  }
}
