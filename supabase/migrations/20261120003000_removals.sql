/*
 * Chapter 30: removals. A target row is deleted only when it is still as the engine left it and
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
        'oid', constraints.conrelid::oid,
        'sql', format('exists (select from %s as child where %s)', conrelid::regclass, matches.sql),
        'match', matches.sql,
        'filled', matches.filled,
        -- what a new value in the columns referred to would empty
        'emptied', case when constraints.confupdtype in ('n', 'd') then format(
          'exists (select from %s as child where %s and (%s))',
          constraints.conrelid::regclass, matches.sql, matches.changes
        ) end
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
    ) as sql,
    string_agg(format('child.%I is not null', child.attname), ' and ' order by pairs.nth) as filled,
    string_agg(
      format('stored_.%I::text is distinct from changes.before_image ->> %L',
        parent.attname, parent.attname),
      ' or ' order by pairs.nth
    ) as changes
    from unnest(constraints.conkey, constraints.confkey, constraints.conpfeqop)
      with ordinality as pairs (child, parent, equal, nth)
    join pg_catalog.pg_attribute as child
      on child.attrelid = constraints.conrelid and child.attnum = pairs.child
    join pg_catalog.pg_attribute as parent
      on parent.attrelid = constraints.confrelid and parent.attnum = pairs.parent
    join pg_catalog.pg_operator as operators on operators.oid = pairs.equal
    join pg_catalog.pg_namespace as schemas on schemas.oid = operators.oprnamespace
  ) as matches
  where constraints.contype = 'f'
    -- a partition's own constraint repeats that of its table
    and constraints.conparentid = 0
    -- a row may be referred to through its table, a partition, or what its table is a partition of
    and (
      constraints.confrelid = referrers.target
      or constraints.confrelid in (
        select relid from pg_catalog.pg_partition_tree(referrers.target) union all
        select * from pg_catalog.pg_partition_ancestors(referrers.target)
      )
    )
$$;

comment on function landfall.referrers is
$$Lists the foreign keys that lead to a table, each with the condition that a row refers to the
target row named stored_.

Whatever a foreign key says of deletes: a row that would be deleted or emptied with its parent is
somebody's.$$;


create function landfall.removable_sql(shape jsonb, occasion text)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$lineage.entity_id = $2
    and lineage.source_key = any ($3)
    and not lineage.adopted
    and %1$s
    and ($4 or %2$s)%3$s%4$s$sql$,
    landfall.same_target_sql(removable_sql.shape, 'stored_', 'lineage.target_key'),
    landfall.unchanged_sql(removable_sql.shape),
    (
      select string_agg(format(E'\n    and not %s', item ->> 'sql'), '')
      from jsonb_array_elements(removable_sql.shape -> 'referrers') as item
      where not (item ->> 'self')::boolean
    ),
    case when removable_sql.occasion = 'rollback' then
      $part$
    and ($4 or lineage.run_id = $1)
    and not exists (
      select
      from landfall.changes
      where changes.run_id = $1
        and changes.entity_id = $2
        and changes.source_key = lineage.source_key
    )$part$
    end
  )
$$;

comment on function landfall.removable_sql is
$$Writes the condition that a target row named stored_, of the source keys in $3, may be deleted as
far as other tables go: it is ours, nobody else's row refers to it, and unless $4 is true it has
not changed since. A roll-back takes only the rows that run $1 inserted.$$;


create function landfall.held_sql(shape jsonb, occasion text)
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
  cross join %1$s as stored_
  where %2$s
),

ties as materialized (
  %3$s
),

held as (
  select ties.parent
  from ties
  where ties.child is null

  union
  select ties.parent
  from held
  join ties on ties.child = held.parent
)

select array_agg(held.parent) from held$sql$,
    held_sql.shape ->> 'target',
    landfall.removable_sql(held_sql.shape, held_sql.occasion),
    string_agg(
      format(
        -- a full join is never done in a square, however few candidates the planner expects
        $part$select child.lf_parent as parent, other.lf_key as child
  from (
    select stored_.lf_key as lf_parent, child.*
    from candidates as stored_
    join %1$s as child on %2$s
    offset 0
  ) as child
  full join candidates as other on %3$s
  where num_nulls(child.lf_parent) = 0$part$,
        held_sql.shape ->> 'target',
        referrers.item ->> 'match',
        landfall.list_columns(held_sql.shape -> 'key', 'other.%1$I = child.%1$I', ' and ')
      ),
      E'\n\n  union all\n  '
    )
  )
  from jsonb_array_elements(held_sql.shape -> 'referrers') as referrers (item)
  where (referrers.item ->> 'self')::boolean
  having count(*) > 0
$$;

comment on function landfall.held_sql is
$$Writes the query for the source keys, of those in $3, whose rows are referred to by rows of their
own table that are not deleted with them. Null for a table that does not refer to itself.$$;


create function landfall.remove_sql(shape jsonb, occasion text)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with removed as (
  delete from %1$s as stored_
  using landfall.lineage
  where %2$s
  returning lineage.source_key%3$s
),

forgotten as (
  delete from landfall.lineage
  where lineage.entity_id = $2
    and lineage.source_key = any (array(select removed.source_key from removed))
),

%4$s

select array_agg(removed.source_key) from removed$sql$,
    remove_sql.shape ->> 'target',
    landfall.removable_sql(remove_sql.shape, remove_sql.occasion),
    case when remove_sql.occasion = 'prune' then format(
      ', lineage.target_key, lineage.run_id, lineage.given_hash, lineage.stored_hash,'
      ' %s as before_image',
      landfall.image_sql(remove_sql.shape)
    ) end,
    case remove_sql.occasion
      when 'prune' then
        $part$remembered as (
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
      else
        $part$-- with a run's row go the changes that later runs made upon it
outdated as (
  delete from landfall.changes
  where changes.entity_id = $2
    and changes.run_id > $1
    and changes.source_key = any (array(select removed.source_key from removed))
)$part$
    end
  )
$$;

comment on function landfall.remove_sql is
$$Writes the statement that deletes the target rows of the source keys in $3 that may be deleted,
with their lineage, and returns the keys whose rows are gone. A pruning run keeps before images.$$;

select landfall.close_doors();
