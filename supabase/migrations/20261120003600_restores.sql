/*
 * Chapter 36: restores. Target rows that a run changed or deleted are put back, by before image.
 *
 * Reads  landfall.changes
 * Writes the targets, landfall.lineage, changes
 * Holds  what is put back equals the before image, or is counted as rewritten by a trigger
 */

create function landfall.restore_sql(shape jsonb)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with restored as (
  update %1$s as stored_
  set %2$s
  from landfall.changes
  cross join lateral (
    select lineage.run_id, lineage.given_hash, lineage.stored_hash
    from landfall.lineage
    where lineage.entity_id = changes.entity_id
      and lineage.source_key = changes.source_key
    -- one look into the index a row, whatever the planner believes of lineage
    offset 0
  ) as lineage
  where changes.run_id = $1
    and changes.entity_id = $2
    and changes.source_key = any ($3)
    and %3$s
    and ($4 or lineage.run_id = $1 and %4$s)%5$s
  returning changes.source_key
)

select array_agg(restored.source_key) from restored$sql$,
    restore_sql.shape ->> 'target',
    coalesce(
      string_agg(
        format(
          '%1$I = case when changes.before_image ? %1$L'
          ' then (changes.before_image ->> %1$L)::%2$s else stored_.%1$I end',
          columns.item ->> 'name', columns.item ->> 'type'
        ),
        E',\n    ' order by columns.nth
      ) filter (
        where not (columns.item ->> 'always')::boolean
          and not restore_sql.shape -> 'keyNames' ? (columns.item ->> 'name')
      ),
      landfall.list_columns(restore_sql.shape -> 'key', '%1$I = stored_.%1$I')
    ),
    landfall.same_target_sql(restore_sql.shape, 'stored_', 'changes.target_key'),
    landfall.unchanged_sql(restore_sql.shape),
    (
      select string_agg(format(E'\n    and not %s', referrers.item ->> 'emptied'), '')
      from jsonb_array_elements(restore_sql.shape -> 'referrers') as referrers (item)
      where referrers.item ->> 'emptied' is not null
    )
  )
  from jsonb_array_elements(restore_sql.shape -> 'stored') with ordinality as columns (item, nth)
$$;

comment on function landfall.restore_sql is
$$Writes the statement that gives target rows their before images, and returns their source keys.

Rows that have changed since stay as they are, unless $4 is true; so do rows whose value of before
would empty a row that refers to them.$$;


create function landfall.orphans_sql(shape jsonb)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
ties as materialized (
  %1$s
),

orphans as (
  select ties.child
  from ties
  where ties.parent is null

  union
  select ties.child
  from orphans
  join ties on ties.parent = orphans.child
),
$sql$,
    string_agg(
      format(
        -- a full join, as where rows are held
        $part$select stored_.lf_key as parent, child.lf_key as child
  from (
    select child.*
    from given as child
    where %2$s
      and not exists (select from %3$s as stored_ where %1$s)
    offset 0
  ) as child
  full join given as stored_ on %1$s
  where num_nulls(child.lf_key) = 0$part$,
        referrers.item ->> 'match', referrers.item ->> 'filled', orphans_sql.shape ->> 'target'
      ),
      E'\n\n  union all\n  '
    )
  )
  from jsonb_array_elements(orphans_sql.shape -> 'referrers') as referrers (item)
  where (referrers.item ->> 'self')::boolean
  having count(*) > 0
$$;

comment on function landfall.orphans_sql is
$$Writes the step "orphans" of a target that refers to itself: the given rows whose parent is
neither there nor put back with them. Null for other targets.$$;


create function landfall.reinsert_sql(shape jsonb)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with recursive given as materialized (
  select
    changes.source_key as lf_key, changes.target_key as lf_target_key,
    %2$s
  from landfall.changes
  left join landfall.lineage
    on lineage.entity_id = changes.entity_id
    and lineage.source_key = changes.source_key
  where changes.run_id = $1
    and changes.entity_id = $2
    and changes.source_key = any ($3)
    and (changes.removed and lineage.source_key is null or $4 and not changes.removed)
    and not exists (select from %1$s as stored_ where %3$s)
),
%4$s
inserted as (
  insert into %1$s as stored_ (%5$s)
  overriding system value
  select %5$s
  from given
  where %6$s
  %7$s
  returning %8$s as target_key
)

select array_agg(given.lf_key)
from given
-- "is true" has the set hashed, and not joined by the planner's guess at its size
where (given.lf_target_key in (select inserted.target_key from inserted)) is true$sql$,
    reinsert_sql.shape ->> 'target',
    landfall.list_columns(
      reinsert_sql.shape -> 'stored', '(changes.before_image ->> %1$L)::%2$s as %1$I', E',\n    '
    ),
    landfall.same_target_sql(reinsert_sql.shape, 'stored_', 'changes.target_key'),
    landfall.orphans_sql(reinsert_sql.shape),
    landfall.list_columns(reinsert_sql.shape -> 'stored', '%1$I'),
    case
      when landfall.orphans_sql(reinsert_sql.shape) is null then 'true'
      else 'given.lf_key not in (select orphans.child from orphans)'
    end,
    case when not (reinsert_sql.shape ->> 'deferrable')::boolean then 'on conflict do nothing' end,
    landfall.key_text(reinsert_sql.shape, 'stored_')
  )
$$;

comment on function landfall.reinsert_sql is
$$Writes the statement that inserts rows a run deleted, or when $4 is true also rows deleted since,
as their before images show them, and returns their source keys.$$;


create function landfall.rewritten_sql(shape jsonb)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
select array_agg(changes.source_key)
from landfall.changes
join %1$s as stored_ on %2$s
where changes.run_id = $1
  and changes.entity_id = $2
  and changes.source_key = any ($3)
  -- a column that is gone cannot differ
  and not (changes.before_image || %3$s) @> changes.before_image$sql$,
    rewritten_sql.shape ->> 'target',
    landfall.same_target_sql(rewritten_sql.shape, 'stored_', 'changes.target_key'),
    landfall.image_sql(rewritten_sql.shape)
  )
$$;

comment on function landfall.rewritten_sql is
$$Writes the query for the source keys of restored rows that differ from their before images.$$;


create function landfall.restore_lineage(run_id bigint, entity_id int, keys text[])
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  insert into landfall.lineage (
    entity_id, run_id, given_hash, stored_hash, legacy_hash, kept, source_key, target_key, scope_key
  )
  select
    changes.entity_id, changes.before_run_id, changes.before_given_hash, changes.before_stored_hash,
    changes.before_legacy_hash, changes.before_kept, changes.source_key, changes.target_key,
    changes.before_scope_key
  from landfall.changes
  where changes.run_id = restore_lineage.run_id
    and changes.entity_id = restore_lineage.entity_id
    and changes.source_key = any (restore_lineage.keys)
    and changes.before_run_id is not null
  on conflict on constraint lineage_pkey do update
  set
    run_id = excluded.run_id,
    given_hash = excluded.given_hash,
    stored_hash = excluded.stored_hash,
    legacy_hash = excluded.legacy_hash,
    kept = excluded.kept,
    scope_key = excluded.scope_key;

  -- a row that was not ours is not ours again
  delete from landfall.lineage
  using landfall.changes
  where changes.run_id = restore_lineage.run_id
    and changes.entity_id = restore_lineage.entity_id
    and changes.source_key = any (restore_lineage.keys)
    and changes.before_run_id is null
    and lineage.entity_id = changes.entity_id
    and lineage.source_key = changes.source_key;

  -- with a run's change go those that later runs made upon it
  delete from landfall.changes
  where changes.entity_id = restore_lineage.entity_id
    and changes.source_key = any (restore_lineage.keys)
    and changes.run_id >= restore_lineage.run_id;
end
$$;

comment on function landfall.restore_lineage is
$$Puts back the lineage of rows that were given their before images, and lets go of these.$$;

select landfall.close_doors();
