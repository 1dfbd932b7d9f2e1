/*
 * Chapter 89: parts. What is an element inside a legacy row is staged as a row of its own, so that
 * a range of elements is a range of rows. Here is which view and table serve for that, and the
 * statement that fills the one from the other.
 *
 * Reads  pg_catalog
 * Writes landfall.parts
 * Holds  a table takes every column of its view, as it is
 */

create function landfall.parts_fault(parts text, staging text)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  with columns as (
    select
      attributes.attrelid as relation,
      attributes.attnum as position,
      attributes.attname as name,
      pg_catalog.format_type(attributes.atttypid, attributes.atttypmod) as type
    from pg_catalog.pg_attribute as attributes
    where attributes.attnum > 0
      and attributes.attgenerated = ''
      and not attributes.attisdropped
  )

  select case
    when views.oid is null
      then format('there is no view %s', coalesce(parts_fault.parts, '(null)'))
    when tables.oid is null
      then format('there is no table %s', coalesce(parts_fault.staging, '(null)'))
    when tables.relnamespace <> 'staging'::regnamespace
      then format('%s is not in schema staging', parts_fault.staging)
    when not exists (
      select from pg_catalog.pg_index where indrelid = tables.oid and indisprimary
    )
      then format('%s has no primary key', parts_fault.staging)
    else (
      select case
        when kept.name is null
          then format('%s has a column %s that %s lacks', parts, given.name, staging)
        when given.name is null
          then format('%s lacks column %s, which %s has', parts, kept.name, staging)
        else format('column %s is %s in %s and %s in %s', given.name, given.type, parts, kept.type,
          staging)
      end
      from (select columns.* from columns where columns.relation = views.oid) as given
      full join (select columns.* from columns where columns.relation = tables.oid) as kept
        on kept.name = given.name
      where given.type is distinct from kept.type
      order by coalesce(given.position, kept.position)
      limit 1
    )
  end
  from (values (true)) as one
  left join pg_catalog.pg_class as views
    on views.oid = landfall.find_relation(parts_fault.parts) and views.relkind = 'v'
  left join pg_catalog.pg_class as tables
    on tables.oid = landfall.find_relation(parts_fault.staging) and tables.relkind in ('r', 'p')
$$;

comment on function landfall.parts_fault is
$$Says why a view of parts and a staging table do not fit, the first column first; null when they
do.$$;


create function landfall.define_parts(pipeline text, parts text, staging text)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_staging text := landfall.find_relation(define_parts.staging)::text;
  v_other   text := (
    select others.pipeline
    from landfall.parts as others
    where others.staging = v_staging and others.pipeline <> define_parts.pipeline
  );
  v_problem text := case
    when not exists (select from landfall.pipelines where name = define_parts.pipeline)
      then format('there is no pipeline %s', coalesce(define_parts.pipeline, '(null)'))
    when v_other is not null
      then format('%s is filled by pipeline %s', v_staging, v_other)
    else landfall.parts_fault(define_parts.parts, define_parts.staging)
  end;
begin
  if v_problem is not null then
    raise exception using
      errcode = 'LF102',
      message = format('Cannot define parts of pipeline %s: %s', pipeline, v_problem),
      detail  = 'Parts are a view, and a table in schema staging with a primary key and the same '
                'columns, by name and type.',
      hint    = 'Mend the view or the table, then define the parts again.';
  end if;

  insert into landfall.parts (pipeline, parts, staging)
  values (
    define_parts.pipeline, landfall.find_relation(define_parts.parts)::text, v_staging
  )
  on conflict on constraint parts_staging_key do update
  set parts = excluded.parts;
end
$$;

comment on function landfall.define_parts is
$$Names a view that takes the rows of a pipeline's source apart, and the table in schema staging
that the engine fills from it; transforms read the table, where a range of keys reaches an index.

The table is brought up to date when a run of any kind begins, also one that is rehearsed, takes
rejects again or takes resolved users' rows, and when a verification begins: landfall.stage_parts.
A pipeline may have several, which are staged in the order they were first defined in: a later view
may read an earlier table. Nobody else writes the table, and no import fills it. Its key is unique
in the view and never null; generated columns are its own. Leave out of the view what may fail, a
cast above all: here it stops the run, in the transform of an entity it rejects a row. Call it
before the doors are closed. Raises LF102.$$;


create function landfall.stage_sql(parts text, staging text)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      $sql$
  with given as materialized (
    select %3$s from %1$s
  ),

  compared as materialized (
    select
      case
        when kept.ctid is null then 'inserted'
        when num_nulls(%4$s) > 0 then 'deleted'
        else 'updated'
      end as lf_fate,
      %7$s
    from given
    -- cannot be a loop inside a loop, whatever the planner believes of the view
    full join %2$s as kept on %6$s
    where kept.ctid is null
      or num_nulls(%4$s) > 0
      -- as they are stored: 1.0 equals 1.00 and reads differently
      or row(%8$s)::record operator(pg_catalog.*<>) row(%5$s)::record
  ),

  deleted as (
    delete from %2$s as kept
    using compared as given
    where given.lf_fate = 'deleted' and %6$s
    returning 1
  ),

  updated as (
    update %2$s as kept
    set (%3$s) = row(%5$s)
    from compared as given
    where given.lf_fate = 'updated' and %6$s
    returning 1
  ),

  inserted as (
    insert into %2$s (%3$s)
    select %5$s from compared as given where given.lf_fate = 'inserted' and num_nulls(%4$s) = 0
    returning 1
  ),

  counts as materialized (
    select
      (select count(*) from given) as given,
      (select count(*) from %2$s) as kept,
      (select count(*) from deleted) as deleted,
      (select count(*) from updated) as updated,
      (select count(*) from inserted) as inserted
  )

  select
    jsonb_build_object('inserted', inserted, 'updated', updated, 'deleted', deleted),
    given = kept - deleted + inserted,
    (inserted + updated + deleted) * 10 > kept
  from counts$sql$,
      stage_sql.parts,     -- %1$s  a view, quoted by Postgres
      stage_sql.staging,   -- %2$s  a table, quoted by Postgres
      -- %3$s to %8$s are quoted below with %I
      lists.names, lists.keys, lists.given, lists.same, lists.either, lists.kept
    )
    from (
      select
        string_agg(format('%I', attributes.attname), ', ' order by attributes.attnum) as names,
        string_agg(format('given.%I', attributes.attname), ', ' order by attributes.attnum)
          filter (where keys.there) as keys,
        string_agg(format('given.%I', attributes.attname), ', ' order by attributes.attnum)
          as given,
        string_agg(format('kept.%1$I = given.%1$I', attributes.attname), ' and ')
          filter (where keys.there) as same,
        string_agg(
          format(
            case when keys.there then 'coalesce(given.%1$I, kept.%1$I) as %1$I' else 'given.%I' end,
            attributes.attname
          ),
          ', ' order by attributes.attnum
        ) as either,
        string_agg(format('kept.%I', attributes.attname), ', ' order by attributes.attnum) as kept
      from pg_catalog.pg_attribute as attributes
      cross join lateral (
        select attributes.attnum = any (indexes.indkey) as there
        from pg_catalog.pg_index as indexes
        where indexes.indrelid = attributes.attrelid and indexes.indisprimary
      ) as keys
      where attributes.attrelid = to_regclass(stage_sql.staging)
        and attributes.attnum > 0
        and attributes.attgenerated = ''
        and not attributes.attisdropped
    ) as lists
  );
end
$$;

comment on function landfall.stage_sql is
$$Writes the statement that brings a staging table to what its view gives, which it computes once.

It returns {inserted, updated, deleted}, whether each row given is there now (a key that is null or
given twice is not), and whether much of the table has changed. A new key that is given twice
violates the primary key.$$;

select landfall.close_doors();
