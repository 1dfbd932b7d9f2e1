import type { Transaction } from "../database/in_transaction.ts";
import { z } from "../../supabase/functions/_shared/requests.ts";
import { Reading } from "./reading/reading.ts";

/** A table of a SQLite file, and where its rows and values went. */
export interface FileTableMap {
  readonly entity: string;
  readonly entityId: number;
  readonly fileTable: string;
  readonly staging: string;
  readonly target: string;
  /** Whether target and staging table are there. */
  readonly isThere: boolean;
  /** The file's columns that name a row; none where its rowid does. */
  readonly key: readonly string[];
  readonly columns: readonly FileColumnMap[];
  /** The columns of the file that the pipeline leaves where they are. */
  readonly skipped: readonly string[];
  /** The condition that a target row `stored_` is the one that `lineage` keeps. */
  readonly sameTarget: string;
}

const FileColumnMap = z.object({
  /** The column in the file; null is the rowid. */
  file: z.string().nullable(),
  staging: z.string(),
  target: z.string().optional(),
  reading: Reading.optional(),
  /** Whether its values must not be shown. */
  secret: z.boolean().default(false),
  /** The target's type, as `format_type()` writes it. */
  type: z.string().nullable(),
  /** The staging column's. */
  stagingType: z.string().nullable(),
});
export type FileColumnMap = z.infer<typeof FileColumnMap>;

/** Reads what a pipeline says of a SQLite file: landfall.file_tables, parents first. */
export async function fileTables(
  transaction: Transaction,
  pipeline: string,
): Promise<FileTableMap[]> {
  const rows = await transaction<(Omit<FileTableMap, "columns"> & { columns: unknown })[]>`
    select
      entities.name as entity,
      entities.id as "entityId",
      file_tables.file_table as "fileTable",
      file_tables.staging,
      entities.target,
      to_regclass(entities.target) is not null and to_regclass(file_tables.staging) is not null
        as "isThere",
      to_jsonb(file_tables.key) as key,
      coalesce(
        (
          select jsonb_agg(item -> 'file')
          from jsonb_array_elements(file_tables.columns) as item
          where item ? 'skipped'
        ),
        '[]'
      ) as skipped,
      case when to_regclass(entities.target) is not null then landfall.same_target_sql(
        landfall.target_shape(to_regclass(entities.target)), 'stored_', 'lineage.target_key'
      ) end as "sameTarget",
      (
        select jsonb_agg(
          item || jsonb_build_object(
            'staging', coalesce(item ->> 'staging', item ->> 'file'),
            'type', targets.type,
            'stagingType', stagings.type
          )
          order by nth
        )
        from jsonb_array_elements(file_tables.columns) with ordinality as columns (item, nth)
        left join lateral (
          select format_type(atttypid, atttypmod) as type
          from pg_catalog.pg_attribute
          where attrelid = to_regclass(entities.target) and attname = item ->> 'target'
        ) as targets on true
        left join lateral (
          select format_type(atttypid, atttypmod) as type
          from pg_catalog.pg_attribute
          where attrelid = to_regclass(file_tables.staging)
            and attname = coalesce(item ->> 'staging', item ->> 'file')
        ) as stagings on true
        where not item ? 'skipped'
      ) as columns
    from landfall.file_tables
    join landfall.entities on entities.id = file_tables.entity_id
    where entities.pipeline = ${pipeline}
    order by entities.id
  `;
  return rows.map(({ columns, ...row }) => ({
    ...row,
    columns: z.array(FileColumnMap).parse(columns),
  }));
}
