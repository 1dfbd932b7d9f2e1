import type { StagingTable } from "../staging/staging_tables.ts";
import type { PostgresOptions } from "./read_flags.ts";

/**
 * Names the tables of the source that are wanted: those of `--tables`, or the pipeline's own.
 *
 * @returns `all` when neither says which.
 */
export function wantedTables(
  { tables, pipeline }: Pick<PostgresOptions, "tables" | "pipeline">,
  stagings: readonly Pick<StagingTable, "name" | "made" | "fileTable">[],
): readonly string[] | "all" {
  if (tables) return tables;
  const own = stagings.filter(({ made }) => !made);
  if (own.length === 0) return "all";
  return own.map(({ name, fileTable }) => fileTable ?? name.slice(pipeline.length + 1));
}
