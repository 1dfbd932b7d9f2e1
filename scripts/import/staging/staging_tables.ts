import type { Transaction } from "../../database/in_transaction.ts";

/** A table in schema staging. */
export interface StagingTable {
  readonly name: string;
  /** Whether an import made it, and may give it another shape. */
  readonly made: boolean;
  /** The table of the file that a pipeline says it is of; null where its name says so. */
  readonly fileTable: string | null;
  readonly columns: readonly StagingColumn[];
  /** The columns of each unique index, by the index's name. */
  readonly uniques: Readonly<Record<string, readonly string[]>>;
  /** Views that read it. */
  readonly views: readonly string[];
}

/** A column that can be written. */
export interface StagingColumn {
  readonly name: string;
  /** As `format_type()` writes it. */
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** The column of the file that a pipeline says it is of; null where its name says so. */
  readonly file: string | null;
  /** Whether its values must not be shown. */
  readonly secret: boolean;
}

/** The end of the comment on a table that an import made. */
export const MADE = "Made by an import, which may give it another shape.";

/** The end of the comment on a table that no import fills, as triggers on others do. */
export const DERIVED = "Filled by triggers.";

/**
 * Finds the tables in schema staging that begin with a pipeline's name and are filled by imports.
 *
 * A table that begins with the longer name of another pipeline is that one's.
 */
export async function stagingTables(
  transaction: Transaction,
  pipeline: string,
): Promise<StagingTable[]> {
  const rows = await transaction<{ staging: StagingTable }[]>`
    select jsonb_build_object(
      'name', relations.relname,
      'made', coalesce(
        right(obj_description(relations.oid, 'pg_class'), ${MADE.length}) = ${MADE}, false
      ),
      'fileTable', file_tables.file_table,
      'columns', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', attname,
          'type', format_type(atttypid, atttypmod),
          'notNull', attnotnull,
          'hasDefault', atthasdef or attidentity <> '',
          'file', said.item ->> 'file',
          'secret', coalesce((said.item ->> 'secret')::boolean, false)
        ) order by attnum), '[]')
        from pg_catalog.pg_attribute
        left join lateral (
          select item
          from jsonb_array_elements(file_tables.columns) as item
          where coalesce(item ->> 'staging', item ->> 'file') = attname
          limit 1
        ) as said on true
        where attrelid = relations.oid and attnum > 0 and not attisdropped and attgenerated = ''
      ),
      'uniques', (
        select coalesce(jsonb_object_agg(index_names.relname, (
          select jsonb_agg(pg_get_indexdef(indexrelid, place, true) order by place)
          from generate_series(1, indnkeyatts) as places (place)
        )), '{}')
        from pg_catalog.pg_index
        join pg_catalog.pg_class as index_names on index_names.oid = indexrelid
        where indrelid = relations.oid and indisunique
      ),
      'views', (
        select coalesce(jsonb_agg(distinct ev_class::regclass::text), '[]')
        from pg_catalog.pg_depend
        join pg_catalog.pg_rewrite on pg_rewrite.oid = objid and classid = 'pg_rewrite'::regclass
        where refobjid = relations.oid and refclassid = 'pg_class'::regclass
      )
    ) as staging
    from pg_catalog.pg_class as relations
    left join landfall.file_tables on to_regclass(file_tables.staging) = relations.oid
    where relations.relnamespace = 'staging'::regnamespace
      and relations.relkind in ('r', 'p')
      and not relations.relispartition
      and not coalesce(
        right(obj_description(relations.oid, 'pg_class'), ${DERIVED.length}) = ${DERIVED}, false
      )
      and not exists (
        select from landfall.parts where to_regclass(parts.staging) = relations.oid
      )
      and starts_with(relations.relname, ${`${pipeline}_`})
      and not exists (
        select from landfall.pipelines
        where starts_with(pipelines.name, ${`${pipeline}_`})
          and starts_with(relations.relname, pipelines.name || '_')
      )
    order by relations.relname
  `;
  return rows.map(({ staging }) => staging);
}
