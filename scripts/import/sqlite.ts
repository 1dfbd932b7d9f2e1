import { basename } from "@std/path";
import { inTransaction } from "../database/in_transaction.ts";
import { EXIT } from "../invoke/exit_code.ts";
import { Progress } from "../invoke/progress.ts";
import { keepRecords, type LeftOut } from "./sqlite/keep_records.ts";
import { listTables, type SourceTable } from "./sqlite/list_tables.ts";
import { type LoadedTable, loadTable } from "./sqlite/load_table.ts";
import { lockTables } from "./sqlite/lock_tables.ts";
import { type Measure, measureTable } from "./sqlite/measure_table.ts";
import { openSource, type Source } from "./sqlite/open_source.ts";
import { type ImportOptions, planImport } from "./sqlite/plan_import.ts";
import { readSqliteFlags } from "./sqlite/read_flags.ts";
import { showImport } from "./sqlite/show_import.ts";
import { sourceFailure } from "./sqlite/source_failure.ts";
import { stagingTables } from "./sqlite/staging_tables.ts";

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
 * Loads tables of a SQLite file into the staging tables of a pipeline, which it replaces.
 *
 * @param args The file and flags.
 * @returns The exit code: 0, or 3 when rows were left out.
 * @throws LF008 for wrong flags, LF011 for the file, LF202 while a run uses the tables.
 */
export async function importSqlite(args: readonly string[]): Promise<number> {
  const flags = readSqliteFlags(args);
  using source = await openSource(flags.path);
  const report = await importSource(flags, source);
  console.log(flags.json ? JSON.stringify(report) : showImport(report).join("\n"));
  return report.leftOut > 0 ? EXIT.rejects : EXIT.clean;
}

async function importSource(options: ImportOptions, source: Source): Promise<SqliteImport> {
  const start = performance.now();
  const { pipeline, path } = options;
  const file = basename(path);
  const contents = listTables(source);
  using progress = new Progress();
  return await inTransaction(async (transaction) => {
    await transaction`set local statement_timeout = 0`;
    // for analyze: a tenth of the usual sample tells enough of legacy rows
    await transaction`set local default_statistics_target = 10`;
    const plan = planImport(options, contents, await stagingTables(transaction, pipeline));
    await lockTables(transaction, pipeline, plan);
    const planned = plan.tables.map((table) => ({
      table,
      measure: measured(source, table.source),
    }));
    const total = planned.reduce((sum, { measure }) => sum + measure.rows, 0);
    const tables = plan.tables.map(({ source }) => source.name);
    const records = await keepRecords(transaction, { pipeline, file, tables });

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
  });
}

function measured(source: Source, table: SourceTable): Measure {
  try {
    return measureTable(source, table);
  } catch (error) {
    throw sourceFailure(error, source.path, table.name);
  }
}
