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
  /** The file's columns that name a row; none where its rowid does. */
  readonly key: readonly string[];
  readonly columns: readonly FileColumnMap[];
  /** Whether the entity has secrets: no value of it is shown. */
  readonly secret: boolean;
  /** The condition that a target row `stored_` is the one that `lineage` keeps. */
  readonly sameTarget: string;
}

const FileColumnMap = z.object({
  /** The column in the file; null is the rowid. */
  file: z.string().nullable(),
  staging: z.string(),
  target: z.string().optional(),
  reading: Reading.optional(),
  /** The target's type, as `format_type()` writes it. */
  type: z.string().nullable(),
  /** The staging column's. */
  stagingType: z.string().nullable(),
});
export type FileColumnMap = z.infer<typeof FileColumnMap>;

/**
 * Reads what a pipeline says of a SQLite file: landfall.file_tables.
 *
 * @param entities Only these; left out, all of the pipeline.
 */
export async function fileTables(
  transaction: Transaction,
  pipeline: string,
  entities: readonly string[] | undefined,
): Promise<FileTableMap[]> {
  const rows = await transaction<(Omit<FileTableMap, "columns"> & { columns: unknown })[]>`
    select
      entities.name as entity,
      entities.id as "entityId",
      file_tables.file_table as "fileTable",
      file_tables.staging,
      entities.target,
      to_jsonb(file_tables.key) as key,
      entities.secret_fields <> '{}' as secret,
      landfall.same_target_sql(
        landfall.target_shape(to_regclass(entities.target)), 'stored_', 'lineage.target_key'
      ) as "sameTarget",
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
          where attrelid = to_regclass(file_tables.staging) and attname = coalesce(item ->> 'staging', item ->> 'file')
        ) as stagings on true
      ) as columns
    from landfall.file_tables
    join landfall.entities on entities.id = file_tables.entity_id
    where entities.pipeline = ${pipeline}
      and (
        ${entities === undefined}::boolean
        or ${JSON.stringify(entities ?? [])}::text::jsonb ? entities.name
      )
    order by entities.id
  `;
  return rows.map(({ columns, ...row }) => ({
    ...row,
    columns: z.array(FileColumnMap).parse(columns),
  }));
}
