/*
 * Chapter 34: removals. A target row is deleted only when it is still as the engine left it and
 * nothing refers to it.
 *
 * Reads  nothing
 * Writes nothing: these functions return texts of SQL
 * Holds  no row of the app is deleted, and none deleted or emptied through a foreign key
 */

create function landfall.removable_sql(shape jsonb, occasion text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      $sql$
    from landfall.lineage
    cross join lateral (
      select stored_.*, stored_.tableoid as lf_table, stored_.ctid as lf_place
      from %1$s as stored_
      where %2$s
      -- one look into the index a row, whatever the planner believes of lineage
      offset 0
    ) as stored_
    where lineage.entity_id = $2
      and lineage.source_key between ($3)[1] and ($3)[cardinality($3)]
      and lineage.source_key = any ($3)
      and not lineage.adopted
      and ($4 or %3$s)%4$s%5$s$sql$,
      removable_sql.shape ->> 'target',
      landfall.same_target_sql(removable_sql.shape, 'stored_', 'lineage.target_key'),
      landfall.unchanged_sql(removable_sql.shape),
      (
        select string_agg(format(E'\n    and not %s', item ->> 'sql'), '')
        from jsonb_array_elements(removable_sql.shape -> 'referrers') as item
        where not (item ->> 'self')::boolean
      ),
      concat(
        case when removable_sql.occasion = 'rollback' then ' and ($4 or lineage.run_id = $1)' end,
        case when (removable_sql.shape ->> 'changed')::boolean then
          $part$
      -- asked as a set, whatever the planner believes of changes
      and lineage.source_key not in (
        select changes.source_key
        from landfall.changes
        where changes.run_id = $1 and changes.entity_id = $2 and changes.source_key = any ($3)
      )$part$
        end
      )
    )
  );
end
$$;

comment on function landfall.removable_sql is
$$Writes the part of a query that finds the target rows, named stored_, of the source keys in $3,
which are sorted, that may be deleted as far as other tables go: they are ours, nobody else's rows
refer to them, and unless $4 is true they have not changed since. A roll-back takes only what run $1
inserted.$$;


create function landfall.held_sql(shape jsonb, occasion text)
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
  with recursive candidates as materialized (
    select lineage.source_key as lf_key, stored_.*%1$s
  ),

  ties as materialized (
    %2$s
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
  );
end
$$;

comment on function landfall.held_sql is
$$Writes the query for the source keys, of those in $3, whose rows are referred to by rows of their
own table that are not deleted with them. Null for a table that does not refer to itself.$$;


create function landfall.remove_sql(shape jsonb, occasion text)
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
  with doomed as materialized (
    select
      lineage.source_key, lineage.ctid as lf_lineage, stored_.lf_table, stored_.lf_place%3$s%2$s
  ),

  -- a row that somebody changes meanwhile is at another place then, and stays
  removed as (
    delete from %1$s as stored_
    using doomed
    where stored_.ctid = doomed.lf_place
      and stored_.tableoid = doomed.lf_table
    returning doomed.*
  ),

  -- nobody else writes lineage of the entity meanwhile
  forgotten as (
    delete from landfall.lineage
    where lineage.ctid = any (array(select removed.lf_lineage from removed))
  )%4$s

  select array_agg(removed.source_key) from removed$sql$,
      remove_sql.shape ->> 'target',
      landfall.removable_sql(remove_sql.shape, remove_sql.occasion),
      case when remove_sql.occasion = 'prune' then format(
        ', lineage.target_key, lineage.run_id, lineage.given_hash, lineage.stored_hash,'
        ' lineage.legacy_hash, lineage.scope_key, %s as before_image',
        landfall.image_sql(remove_sql.shape)
      ) end,
      case
        when remove_sql.occasion = 'prune' then $part$,

  remembered as (
    insert into landfall.changes (
      run_id, entity_id, source_key, target_key, before_image,
      before_run_id, before_given_hash, before_stored_hash, before_legacy_hash,
      before_scope_key, scope_key, removed
    )
    select
      $1, $2, removed.source_key, removed.target_key, removed.before_image,
      removed.run_id, removed.given_hash, removed.stored_hash, removed.legacy_hash,
      removed.scope_key, removed.scope_key, true
    from removed
    on conflict (run_id, entity_id, source_key) do update set removed = true
  )$part$
        when (remove_sql.shape ->> 'changed')::boolean then $part$,

  -- with a run's row go the changes that later runs made upon it
  outdated as (
    delete from landfall.changes
    where changes.entity_id = $2
      and changes.run_id > $1
      and changes.source_key = any (array(select removed.source_key from removed))
  )$part$
      end
    )
  );
end
$$;

comment on function landfall.remove_sql is
$$Writes the statement that deletes target rows of the source keys in $3, with their lineage, and
returns the keys whose rows are gone. A pruning run keeps before images.$$;

select landfall.close_doors();
