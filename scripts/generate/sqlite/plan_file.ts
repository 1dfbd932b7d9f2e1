import { measureTable } from "../../import/sqlite/measure_table.ts";
import type { Source } from "../../import/sqlite/open_source.ts";
import { type TableCensus, takeCensus } from "./census/take_census.ts";
import { readMapping } from "./mapping.ts";
import type { PipelinePlan } from "./plan/pipeline_plan.ts";
import { type PlanOptions, planPipeline } from "./plan/plan_pipeline.ts";
import { readSchema } from "./schema/read_schema.ts";
import { wantedTables } from "./wanted_tables.ts";

/** What a person says of the pipeline. */
export interface PlanFileOptions extends PlanOptions {
  /** A file that says what should be otherwise. */
  readonly mapping?: string | undefined;
}

/**
 * Decides what a SQLite file becomes, by what it declares and by every value in it.
 *
 * @param onRows Is told how many rows have been looked at, and how many there are.
 * @throws LF008 for a table that is not there, LF011 for the file, LF013 for the mapping.
 */
export async function planFile(
  source: Source,
  options: PlanFileOptions,
  onRows: (rows: number, total: number) => void = () => {},
): Promise<PipelinePlan> {
  const schema = readSchema(source);
  const mapping = await readMapping(options.mapping, schema);
  const wanted = wantedTables(source.path, options.tables, schema, mapping);
  const total = wanted.reduce((sum, table) => sum + measureTable(source, table).rows, 0);
  const censuses = new Map<string, TableCensus>();
  let before = 0;
  for (const table of wanted) {
    const seen = (rows: number) => onRows(before + rows, total);
    const census = takeCensus(source, schema.tables, table, seen);
    before += census.rows;
    censuses.set(table.name, census);
  }
  return planPipeline(options, schema, censuses, mapping);
}
