/*
 * Chapter 31: removals. A target row is deleted only when it is still as the engine left it and
 * nothing refers to it.
 *
 * Reads  pg_catalog
 * Writes nothing: these functions return texts of SQL
 * Holds  no row of the app is deleted, and none deleted or emptied through a foreign key
 */

create function landfall.unchanged_sql(shape jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select format(
    'coalesce(lineage.stored_hash, lineage.given_hash) = %s',
    landfall.row_hash(unchanged_sql.shape -> 'stored', 'stored_')
  )
$$;

comment on function landfall.unchanged_sql is
$$Writes the condition that a target row named stored_ is as its row of lineage tells.$$;


create function landfall.referrers(target regclass)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'self', constraints.conrelid = constraints.confrelid,
        'relation', constraints.conrelid::regclass::text,
        'sql', format('exists (select from %s as child where %s)',
          constraints.conrelid::regclass, matches.sql),
        'match', matches.sql
      )
      order by constraints.conrelid::regclass::text, constraints.conname
    ),
    '[]'
  )
  from pg_catalog.pg_constraint as constraints
  cross join lateral (
    select string_agg(
      format('stored_.%I operator(%I.%s) child.%I',
        parent.attname, schemas.nspname, operators.oprname, child.attname),
      ' and ' order by pairs.nth
    ) as sql
    from unnest(constraints.conkey, constraints.confkey, constraints.conpfeqop)
      with ordinality as pairs (child, parent, equal, nth)
    join pg_catalog.pg_attribute as child
      on child.attrelid = constraints.conrelid and child.attnum = pairs.child
    join pg_catalog.pg_attribute as parent
      on parent.attrelid = constraints.confrelid and parent.attnum = pairs.parent
    join pg_catalog.pg_operator as operators on operators.oid = pairs.equal
    join pg_catalog.pg_namespace as schemas on schemas.oid = operators.oprnamespace
  ) as matches
  where constraints.confrelid = referrers.target
    and constraints.contype = 'f'
    -- a partition's own constraint repeats that of its table
    and constraints.conparentid = 0
$$;

comment on function landfall.referrers is
$$Lists the foreign keys that lead to a table, each with the condition that a row refers to the
target row named stored_.

Whatever a foreign key says of deletes: a row that would be deleted or emptied with its parent is
somebody's.$$;


create function landfall.held_sql(shape jsonb)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with recursive candidates as materialized (
  select lineage.source_key as lf_key, stored_.*
  from landfall.lineage
  join %1$s as stored_ on %2$s
  where lineage.entity_id = $1
    and lineage.source_key = any ($2)
),

held as (
  select stored_.lf_key
  from candidates as stored_
  where exists (
    select
    from %1$s as child
    where (%3$s)
      and not exists (select from candidates as other where %4$s)
  )

  union
  select stored_.lf_key
  from held
  join candidates as child on child.lf_key = held.lf_key
  join candidates as stored_ on %3$s
)

select array_agg(held.lf_key) from held$sql$,
    held_sql.shape ->> 'target',
    landfall.same_target_sql(held_sql.shape, 'stored_', 'lineage.target_key'),
    string_agg(format('(%s)', referrers.item ->> 'match'), ' or '),
    landfall.list_columns(held_sql.shape -> 'key', 'other.%1$I = child.%1$I', ' and ')
  )
  from jsonb_array_elements(held_sql.shape -> 'referrers') as referrers (item)
  where (referrers.item ->> 'self')::boolean
  having count(*) > 0
$$;

comment on function landfall.held_sql is
$$Writes the query for the source keys, of those in $2, whose rows are referred to by rows of
their own table that are not to be deleted with them. Null for a table that does not refer to
itself.$$;


create function landfall.remove_sql(shape jsonb, occasion text)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with doomed as materialized (
  select lineage.source_key, stored_.lf_table, stored_.lf_place%1$s
  from landfall.lineage
  cross join lateral (
    select stored_.*, stored_.tableoid as lf_table, stored_.ctid as lf_place
    from %2$s as stored_
    where %3$s
    -- one look into the index a row, whatever the planner believes of lineage
    offset 0
  ) as stored_
  where lineage.entity_id = $2
    and lineage.source_key = any ($3)
    and not lineage.adopted
    and ($4 or %4$s)%5$s%6$s
),

-- a row that somebody changes meanwhile is at another place then, and stays
removed as (
  delete from %2$s as stored_
  using doomed
  where stored_.ctid = doomed.lf_place
    and stored_.tableoid = doomed.lf_table
  returning doomed.*
),

forgotten as (
  delete from landfall.lineage
  where lineage.entity_id = $2
    and lineage.source_key = any (array(select removed.source_key from removed))
)%7$s

select array_agg(removed.source_key) from removed$sql$,
    case when remove_sql.occasion = 'prune' then format(
      ', lineage.target_key, lineage.run_id, lineage.given_hash, lineage.stored_hash,'
      ' %s as before_image',
      landfall.image_sql(remove_sql.shape)
    ) end,
    remove_sql.shape ->> 'target',
    landfall.same_target_sql(remove_sql.shape, 'stored_', 'lineage.target_key'),
    landfall.unchanged_sql(remove_sql.shape),
    case when remove_sql.occasion = 'rollback' then
      $part$
    and ($4 or lineage.run_id = $1)
    and not exists (
      select
      from landfall.changes
      where changes.run_id = $1
        and changes.entity_id = $2
        and changes.source_key = lineage.source_key
    )$part$
    end,
    (
      select string_agg(format(E'\n    and not %s', item ->> 'sql'), '')
      from jsonb_array_elements(remove_sql.shape -> 'referrers') as item
      where not (item ->> 'self')::boolean
    ),
    case when remove_sql.occasion = 'prune' then
      $part$,

remembered as (
  insert into landfall.changes (
    run_id, entity_id, source_key, target_key, before_image,
    before_run_id, before_given_hash, before_stored_hash, removed
  )
  select
    $1, $2, removed.source_key, removed.target_key, removed.before_image,
    removed.run_id, removed.given_hash, removed.stored_hash, true
  from removed
  on conflict (run_id, entity_id, source_key) do update set removed = true
)$part$
    end
  )
$$;

comment on function landfall.remove_sql is
$$Writes the statement that deletes the target rows of the source keys in $3, with their lineage,
and returns the keys whose rows are gone. A roll-back takes only the rows that run $1 inserted; a
pruning run keeps before images.

Rows that were there before, rows that others refer to and, unless $4 is true, rows that have
changed since stay.$$;

select landfall.close_doors();
