/*
 * Chapter 6: shapes. All that the engine must know of an entity, derived from the catalog, as one
 * jsonb.
 *
 * Reads  pg_catalog
 * Writes nothing
 * Holds  a run writes all batches of an entity by one shape
 */

create function landfall.unique_keys(target regclass)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with keys as (
      select
        indexes.indexrelid,
        indexes.indisprimary,
        pg_catalog.pg_get_expr(indexes.indpred, indexes.indrelid) as predicate,
        comments.description as said,
        parts.nth,
        parts.number,
        pg_catalog.pg_get_indexdef(indexes.indexrelid, parts.nth::int, false) as expression,
        case
          -- where null equals null, two nulls take the same place
          when coalesce((to_jsonb(indexes) ->> 'indnullsnotdistinct')::boolean, false)
            then format('(%%1$s operator(%1$I.%2$s) %%2$s or num_nonnulls(%%1$s, %%2$s) = 0)',
              schemas.nspname, operators.oprname)
          else format('%%1$s operator(%1$I.%2$s) %%2$s', schemas.nspname, operators.oprname)
        end as equality
      from pg_catalog.pg_index as indexes
      left join pg_catalog.pg_constraint as constraints
        on constraints.conindid = indexes.indexrelid
        and constraints.conrelid = indexes.indrelid
        and constraints.contype in ('p', 'u')
      left join pg_catalog.pg_description as comments
        on comments.objoid = constraints.oid
        and comments.classoid = 'pg_catalog.pg_constraint'::regclass
      cross join unnest(indexes.indkey, indexes.indclass::oid[])
        with ordinality as parts (number, class, nth)
      join pg_catalog.pg_opclass as classes on classes.oid = parts.class
      join pg_catalog.pg_amop as members
        on members.amopfamily = classes.opcfamily
        and members.amoplefttype = classes.opcintype
        and members.amoprighttype = classes.opcintype
        and members.amopstrategy = 3
      join pg_catalog.pg_operator as operators on operators.oid = members.amopopr
      join pg_catalog.pg_namespace as schemas on schemas.oid = operators.oprnamespace
      where indexes.indrelid = unique_keys.target
        and indexes.indisunique
        and parts.nth <= indexes.indnkeyatts
    ),

    listed as (
      select
        keys.indexrelid,
        keys.indisprimary,
        keys.said,
        keys.predicate,
        string_agg(keys.expression, ', ' order by keys.nth) as expressions,
        bool_and(keys.number <> 0) and keys.predicate is null as plain,
        string_agg(
          format(keys.equality, 'taken.' || keys.expression, 'row_.' || keys.expression),
          ' and ' order by keys.nth
        ) as equal,
        string_agg(format(', (%s) as lf_%s', keys.expression, keys.nth), '' order by keys.nth)
          as computed,
        string_agg(
          format(keys.equality, 'taken.lf_' || keys.nth,
            format('(select %s from (select row_.*) as given_)', keys.expression)),
          ' and ' order by keys.nth
        ) as equal_computed
      from keys
      group by keys.indexrelid, keys.indisprimary, keys.said, keys.predicate
    )

    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'primary', listed.indisprimary,
          'columns', (
            select jsonb_agg(distinct columns.attname)
            from pg_catalog.pg_attribute as columns
            where columns.attrelid = unique_keys.target
              and columns.attnum in (
                select keys.number
                from keys
                where keys.indexrelid = listed.indexrelid

                union all
                select uses.refobjsubid
                from pg_catalog.pg_depend as uses
                where uses.classid = 'pg_catalog.pg_class'::regclass
                  and uses.objid = listed.indexrelid
                  and uses.refobjid = unique_keys.target
              )
              and columns.attnum > 0
          ),
          'relation', case
            when listed.plain then format('%s as taken', unique_keys.target)
            else format('(select *%s from %s where %s) as taken',
              listed.computed, unique_keys.target, coalesce(listed.predicate, 'true'))
          end,
          'match', case
            when listed.plain then listed.equal
            else listed.equal_computed || coalesce(
              ' and (select ' || listed.predicate || ' from (select row_.*) as given_)', ''
            )
          end,
          'reason', coalesce(
            listed.said, format('%s is taken in %s', listed.expressions, unique_keys.target)
          )
        )
        order by listed.indisprimary desc, listed.indexrelid
      ),
      '[]'
    )
    from listed
  );
end
$$;

comment on function landfall.unique_keys is
$$Lists the target's unique keys, partial and expression indexes too: each with the relation and
the condition that find whether a row named row_ has its place taken.$$;


create function landfall.target_shape(target regclass)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with columns as materialized (
      select * from landfall.columns_of(target_shape.target)
    ),

    key as (
      select columns.*, keys.nth
      from pg_catalog.pg_index as indexes
      cross join unnest(indexes.indkey) with ordinality as keys (number, nth)
      join columns on columns.position = keys.number
      where indexes.indrelid = target_shape.target
        and indexes.indisprimary
    )

    select jsonb_build_object(
      'target', target_shape.target::text,
      'key', (select jsonb_agg(to_jsonb(key) order by key.nth) from key),
      'keyNames', (select jsonb_agg(key.name order by key.nth) from key),
      'stored', (
        select jsonb_agg(
          jsonb_build_object('name', name, 'type', type, 'hashable', hashable, 'always', always)
          order by position
        )
        from columns
        where not columns.generated
      ),
      -- Postgres looks at these at the end of a statement: on conflict cannot step aside for them
      'deferrable', exists (
        select from pg_catalog.pg_constraint as constraints
        where constraints.conrelid = target_shape.target and constraints.contype in ('p', 'u', 'x')
          and constraints.condeferrable
      )
    )
  );
end
$$;

comment on function landfall.target_shape is
$$Derives what must be known of a target to find, read and put back its rows.$$;


create function landfall.entity_shape(target regclass, transform regclass)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
  -- a plan of such a query costs more than the query: it is made once a session
  set plan_cache_mode = 'force_generic_plan'
as $$
begin
  return (
    with shared as materialized (
      select landfall.target_shape(entity_shape.target) as shape
    ),

    columns as materialized (
      select * from landfall.columns_of(entity_shape.target)
    ),

    offered as materialized (
      select name from landfall.columns_of(entity_shape.transform)
    ),

    stored as (
      select * from columns where not columns.generated
    ),

    written as (
      select stored.* from stored join offered using (name)
    ),

    triggers as (
      select triggers.tgtype
      from pg_catalog.pg_trigger as triggers
      where not triggers.tgisinternal
        -- a partition may have one of its own
        and triggers.tgrelid in (
          select entity_shape.target union select relid from pg_partition_tree(entity_shape.target))
    ),

    names as (
      select array_agg(filled.name) as list
      from (
        select name from written
        union
        select jsonb_path_query(shared.shape, '$.keyNames[*]') #>> '{}' from shared
      ) as filled
    )

    select shared.shape || jsonb_build_object(
      'transform', entity_shape.transform::text,
      'waits', exists (select from offered where offered.name = 'waiting_for'),
      'columns', (
        select coalesce(jsonb_agg(to_jsonb(written) order by written.position), '[]')
        from written
      ),
      'computed', (
        select coalesce(jsonb_agg(to_jsonb(others) order by others.position), '[]')
        from columns as others
        where others.name <> all (names.list)
      ),
      -- what is stored differs from what was given when a trigger or a default has a say
      'rewrites', exists (select from stored where stored.name <> all (names.list))
        or exists (select from triggers where triggers.tgtype & 1 = 1),
      -- a trigger that fires after a row is written may write it once more
      'rewritesLater', exists (select from triggers where triggers.tgtype & 3 = 1),
      'checks', landfall.derived_checks(entity_shape.target, names.list),
      'uniques', landfall.unique_keys(entity_shape.target)
    )
    from names cross join shared
  );
end
$$;

comment on function landfall.entity_shape is
$$Derives from the catalog what the engine must know to write an entity's rows.

Read once a run and entity, so that all batches of a run are written alike.$$;

select landfall.close_doors();
