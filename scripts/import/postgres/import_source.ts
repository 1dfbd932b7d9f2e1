import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { inTransaction, type Transaction } from "../../database/in_transaction.ts";
import { Progress } from "../../invoke/progress.ts";
import { keepRecords } from "../staging/keep_records.ts";
import { lockPipeline } from "../staging/lock_pipeline.ts";
import { lockTables } from "../staging/lock_tables.ts";
import { stagingTables } from "../staging/staging_tables.ts";
import { checkCondition } from "./check_condition.ts";
import { chooseCompanies } from "./choose_companies.ts";
import { counterpart } from "./counterpart.ts";
import { emptyTables } from "./empty_tables.ts";
import { listRelations, type Relation } from "./list_relations.ts";
import { type LoadedTable, loadTable } from "./load_table.ts";
import { type DatabaseError, namesOnly } from "./names_only.ts";
import { type ImportPlan, planImport } from "./plan_import.ts";
import type { PostgresOptions } from "./read_flags.ts";
import type { Source } from "./read_source.ts";
import { refuseItself } from "./refuse_itself.ts";
import { refuseSchema } from "./refuse_schema.ts";
import { rowsQuery } from "./rows_query.ts";
import { scopeColumns } from "./scope_columns.ts";
import { typesOfTarget } from "./types_of_target.ts";

/** What an import did, as `--json` prints it. */
export interface PostgresImport {
  readonly pipeline: string;
  /** Host and database, or the name of the dump without its folder. */
  readonly source: string;
  readonly schema: string;
  /** Keys of the companies whose rows were replaced; none when all rows were. */
  readonly companies: readonly string[];
  /** What became of the tables, by their names at the source. */
  readonly tables: Readonly<Record<string, LoadedTable>>;
  /** Other tables of the schema. */
  readonly notImported: readonly string[];
  /** Staging tables that an earlier import made, and that the source does not have. */
  readonly left: readonly string[];
  readonly durationMs: number;
}

/** Where the source comes from. */
export interface ImportContext {
  readonly kind: "a Postgres database" | "a dump";
  /** When the command began, as `performance.now()` tells. */
  readonly start: number;
  /** Why tables could not be made of a dump, by schema and name. */
  readonly failures?: ReadonlyMap<string, string>;
  /** Is called when all rows are there, and only the commit is left. */
  readonly onLoaded: () => void;
}

/**
 * Loads tables of a database into the staging tables of a pipeline, all of them or none.
 *
 * @throws LF008 for what was asked, LF011 for the source, LF202 while a run or another import uses the
 * tables.
 */
export async function importSource(
  options: PostgresOptions,
  source: Source,
  { kind, start, failures = new Map(), onLoaded }: ImportContext,
): Promise<PostgresImport> {
  const { pipeline, schema } = options;
  const found = await listRelations((statement) => source.query(statement), schema);
  if (found.length === 0 && failures.size === 0) await refuseSchema(source, schema);
  using progress = new Progress();
  return await inTransaction(
    async (transaction) => {
      await prepare(transaction);
      await lockPipeline(transaction, pipeline);
      await refuseItself(transaction, source, schema);
      const relations = await typesOfTarget(transaction, found);
      const plan = planImport(options, {
        source: source.name,
        relations,
        failures,
        stagings: await stagingTables(transaction, pipeline),
        targets: await listRelations((statement) => transaction.unsafe(statement), "staging"),
      });
      const conditions = await checkConditions(source, options, plan);
      const companies = options.companies.length === 0 ? undefined : await chooseCompanies(source, {
        pipeline,
        schema,
        relations,
        keys: options.companies,
        scopeColumns: await scopeColumns(transaction, pipeline),
      });
      const reads = plan.tables.map((table) => {
        const condition = conditions.get(table.relation);
        return { table, condition, query: rowsQuery(table, { schema, companies, condition }) };
      });
      // what may not be read is found before anything is written
      for (const { table, query } of reads) {
        await source.query(`select from (${query}) as rows limit 0`, {
          table: table.relation.name,
        });
      }

      await lockTables(transaction, pipeline, plan.tables);
      try {
        await emptyTables(transaction, plan.tables, companies);
      } catch (error) {
        throw emptyingRefusal(error, pipeline);
      }
      const records = await keepRecords(transaction, {
        pipeline,
        source: source.name,
        tables: plan.tables.map(({ relation }) => relation.name),
        beside: companies !== undefined,
      });
      const total = reads.reduce((sum, read) => sum + Math.max(read.table.relation.estimate, 0), 0);
      const loading = { transaction, source, pipeline, kind, whole: companies === undefined };
      const loaded: Record<string, LoadedTable> = {};
      let before = 0;
      for (const { table, condition, query } of reads) {
        const onRows = (rows: number) => {
          if (total > 0 && !companies) progress.update({ done: before + rows, total });
        };
        const { name } = table.relation;
        const done = await loadTable({ ...loading, onRows }, table, query);
        loaded[name] = {
          ...done,
          ...(condition === undefined ? {} : { condition }),
          ...(companies ? { companies: companies.keys } : {}),
        };
        before += done.rows;
      }
      await records.finish(loaded);
      onLoaded();
      return {
        pipeline,
        source: source.name,
        schema,
        companies: companies?.keys ?? [],
        tables: loaded,
        notImported: plan.notImported,
        left: plan.left,
        durationMs: Math.round(performance.now() - start),
      };
    },
  );
}

async function prepare(transaction: Transaction): Promise<void> {
  await transaction`set local statement_timeout = 0`;
  // types are compared as they are written
  await transaction`set local quote_all_identifiers = off`;
  await transaction`set local idle_in_transaction_session_timeout = 0`;
  // for indexes: more of it saves little
  await transaction`set local maintenance_work_mem = '128MB'`;
  // for analyze: a tenth of the usual sample tells enough of legacy rows
  await transaction`set local default_statistics_target = 10`;
}

/** Reads the conditions by the relation that each is about. */
async function checkConditions(
  source: Source,
  { schema, conditions }: PostgresOptions,
  { tables }: ImportPlan,
): Promise<Map<Relation, string>> {
  const relations = tables.map(({ relation }) => relation);
  const found = new Map<Relation, string>();
  for (const [name, condition] of Object.entries(conditions)) {
    const relation = counterpart(name, relations);
    if (!relation || found.has(relation)) {
      throw new LandfallError("LF008", `There is no table ${name} to choose rows of`, {
        details: `The tables that are imported are ${
          relations.map(({ name }) => name).join(", ")
        }.`,
        hint: "Name one of them before the condition, and each once.",
      });
    }
    await checkCondition(source, schema, relation.name, condition);
    found.set(relation, condition);
  }
  return found;
}

/** A trigger may quote the rows that it does not let go. */
function emptyingRefusal(error: unknown, pipeline: string): unknown {
  if (namesOnly(error as DatabaseError)) return error;
  return new LandfallError("LF011", `Cannot empty the staging tables of pipeline ${pipeline}`, {
    details: `Postgres failed with ${(error as DatabaseError).code}.`,
    hint: "Nothing was changed. See the triggers of the tables.",
    cause: error,
  });
}
