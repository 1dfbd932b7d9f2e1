import { basename } from "@std/path";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { inTransaction, type Transaction } from "../database/in_transaction.ts";
import { listTables, type SourceTable } from "../import/sqlite/list_tables.ts";
import { measureTable } from "../import/sqlite/measure_table.ts";
import { openSource, type Source } from "../import/sqlite/open_source.ts";
import { compareTable, type FileComparison } from "./compare_table.ts";
import { type FileTableMap, fileTables } from "./file_table.ts";

/** What is compared. */
export interface AgainstOptions {
  /** The SQLite file. */
  readonly path: string;
  readonly pipeline: string;
  /** Only these entities. */
  readonly tables?: readonly string[] | undefined;
  /** How many rows of each kind of difference are shown. */
  readonly samples: number;
}

/** What a comparison with a file found, as `--json` prints it. */
export interface AgainstReport {
  readonly pipeline: string;
  readonly file: string;
  readonly entities: readonly FileComparison[];
  /** Tables of the file that the pipeline knows nothing of. */
  readonly unknown: readonly string[];
  /** Tables of the file that the pipeline leaves where they are. */
  readonly skipped: readonly string[];
  readonly durationMs: number;
}

/**
 * Compares the target with a SQLite file, every row and value, whatever stands in staging.
 *
 * What each value becomes is computed here, from the file, and in Postgres, from the target; both
 * sides meet as digests.
 *
 * @param onRows Is told how many rows of the file have been read, and how many there are.
 * @param url The database, if it is not the usual one.
 * @throws LF011 for the file, LF014 when the pipeline says nothing of a file.
 */
export async function compareFile(
  options: AgainstOptions,
  onRows: (rows: number, total: number) => void = () => {},
  url?: string,
): Promise<AgainstReport> {
  const start = performance.now();
  const { path, pipeline, tables: entities } = options;
  using source = await openSource(path);
  const { tables } = listTables(source);
  return await inTransaction(
    async (transaction) => {
      await transaction`set local statement_timeout = 0`;
      await transaction`set local datestyle = 'ISO'`;
      await transaction`set local timezone = 'UTC'`;
      await transaction`set local work_mem = '64MB'`;
      const { all, asked: maps } = await mapsOf(transaction, pipeline, entities);
      const skipped = await skippedTables(transaction, pipeline);
      const found = maps.map((map) => tableOf(source, map, tables));
      const total = found.reduce((sum, table) => sum + measureTable(source, table).rows, 0);
      const comparing = { transaction, source, samples: options.samples };
      const compared: FileComparison[] = [];
      let before = 0;
      for (const [place, map] of maps.entries()) {
        const comparison = await compareTable(
          comparing,
          map,
          found[place]!,
          (rows) => onRows(before + rows, total),
        );
        compared.push(comparison);
        before += comparison.rows;
      }
      return {
        pipeline,
        file: basename(path),
        entities: compared,
        unknown: tables.map(({ name }) => name).filter((name) =>
          ![...skipped, ...all.map(({ fileTable }) => fileTable)].some((known) =>
            known.toLowerCase() === name.toLowerCase()
          )
        ),
        skipped,
        durationMs: Math.round(performance.now() - start),
      };
    },
    "comparison",
    url,
  );
}

async function skippedTables(transaction: Transaction, pipeline: string): Promise<string[]> {
  const rows = await transaction<{ name: string }[]>`
    select file_table as name from landfall.skipped_file_tables
    where pipeline = ${pipeline} order by file_table`;
  return rows.map(({ name }) => name);
}

async function mapsOf(
  transaction: Transaction,
  pipeline: string,
  entities: readonly string[] | undefined,
): Promise<{ all: FileTableMap[]; asked: FileTableMap[] }> {
  const all = await fileTables(transaction, pipeline);
  const asked = all.filter(({ entity }) => entities?.includes(entity) ?? true);
  const lacking = entities?.filter((name) => !all.some(({ entity }) => entity === name)) ?? [];
  if (all.length === 0 || lacking.length > 0) {
    throw new LandfallError(
      "LF014",
      `Cannot compare ${[pipeline, ...lacking].join(", ")} with a file: nothing says what ` +
        "becomes of its columns",
      {
        hint: "Pipelines that deno task generate sqlite writes say so, with " +
          "landfall.define_file_table(). Without --against, verify compares with what was imported.",
      },
    );
  }
  const gone = asked.find(({ isThere }) => !isThere);
  if (gone === undefined) return { all, asked };
  throw new LandfallError("LF106", `Cannot compare ${gone.entity}: a table of it is gone`, {
    details: `They are ${gone.target} and ${gone.staging}.`,
    hint: "Restore it, or define the entity and its file table again.",
  });
}

function tableOf(
  source: Source,
  { fileTable }: FileTableMap,
  tables: readonly SourceTable[],
): SourceTable {
  const found = tables.find(({ name }) => name === fileTable) ??
    tables.find(({ name }) => name.toLowerCase() === fileTable.toLowerCase());
  if (found) return found;
  throw new LandfallError(
    "LF014",
    `Cannot compare ${fileTable}: ${source.path} has no such table`,
    {
      details: `Its tables are ${tables.map(({ name }) => name).join(", ") || "none"}.`,
      hint: "Name the file that was imported.",
    },
  );
}
