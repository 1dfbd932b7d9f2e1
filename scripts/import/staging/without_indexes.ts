import type { Transaction } from "../../database/in_transaction.ts";
import { quoted } from "./quoted.ts";

/** An index, and how to take it away and make it again. */
interface Index {
  readonly drop: string;
  readonly make: string;
}

/**
 * Fills a table without its indexes, and makes these again: sorting all keys at once takes less than
 * half the time of finding each its place.
 *
 * An index that something else hangs on stays: a foreign key, a view, replication. So does one that
 * could not be made again just as it is.
 *
 * @param staging The table's name in schema staging.
 * @param fill Fills the table, which is empty.
 * @throws What Postgres says of rows when a key is not unique.
 */
export async function withoutIndexes<Result>(
  transaction: Transaction,
  staging: string,
  fill: () => Promise<Result>,
): Promise<Result> {
  const indexes = await transaction<Index[]>`
    select
      case
        when constraints.oid is null then format('drop index %s', indexes.indexrelid::regclass)
        else format('alter table %s drop constraint %I', indexes.indrelid::regclass,
          constraints.conname)
      end as drop,
      case
        when constraints.oid is null then pg_get_indexdef(indexes.indexrelid)
        else format('alter table %s add constraint %I %s', indexes.indrelid::regclass,
          constraints.conname, pg_get_constraintdef(constraints.oid))
      end || case
        when obj_description(indexes.indexrelid, 'pg_class') is null then ''
        else format('; comment on index %s is %L', indexes.indexrelid::regclass,
          obj_description(indexes.indexrelid, 'pg_class'))
      end || case
        when obj_description(constraints.oid, 'pg_constraint') is null then ''
        else format('; comment on constraint %I on %s is %L', constraints.conname,
          indexes.indrelid::regclass, obj_description(constraints.oid, 'pg_constraint'))
      end as make
    from pg_catalog.pg_index as indexes
    left join pg_catalog.pg_constraint as constraints
      on constraints.conindid = indexes.indexrelid
      and constraints.conrelid = indexes.indrelid
      and constraints.contype in ('p', 'u', 'x')
    where indexes.indrelid = ${`staging.${quoted(staging)}`}::regclass
      and indexes.indisvalid
      and not indexes.indisreplident
      and not indexes.indisclustered
      -- what a definition does not say would be lost: where it stands, how it is looked at
      and not exists (
        select
        from pg_catalog.pg_class as relations
        where relations.oid = indexes.indexrelid
          and (
            relations.relkind <> 'i'
            or relations.reltablespace <> 0
            or constraints.oid is not null and relations.reloptions is not null
          )
      )
      and not exists (
        select
        from pg_catalog.pg_attribute as columns
        where columns.attrelid = indexes.indexrelid and columns.attstattarget >= 0
      )
      and not exists (
        select
        from pg_catalog.pg_depend as hanging
        where (hanging.refclassid, hanging.refobjid) in (
            ('pg_class'::regclass, indexes.indexrelid),
            ('pg_constraint'::regclass, constraints.oid)
          )
          and hanging.deptype = 'n'
      )
    order by indexes.indisprimary desc, indexes.indexrelid
  `;
  for (const { drop } of indexes) await transaction.unsafe(drop);
  const result = await fill();
  for (const { make } of indexes) await transaction.unsafe(make);
  return result;
}
