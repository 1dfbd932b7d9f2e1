/*
 * Chapter 32: leftovers. What could not be pruned or undone, each row with the reason.
 *
 * Reads  shapes
 * Writes landfall.leftovers
 * Holds  a row that is left is named, with what speaks against it
 */

create table landfall.leftovers (
  run_id      bigint  not null references landfall.runs (id) on delete cascade,
  entity_id   int     not null references landfall.entities (id) on delete cascade,
  occasion    text    not null,
  source_key  text    not null,
  target_key  text    not null,
  reason      text    not null,
  held        boolean not null,

  primary key (run_id, entity_id, occasion, source_key),

  constraint leftovers_occasion_is_known check (occasion in ('prune', 'rollback'))
);

create index on landfall.leftovers (entity_id);

comment on table landfall.leftovers is
$$Target rows that a run should have pruned, or a roll-back of it undone, and why they were left.$$;
comment on column landfall.leftovers.held is
$$What holds the row may be gone after another pass: a row of the same table, a unique value.$$;


create function landfall.leftover_sql(shape jsonb)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
insert into landfall.leftovers
  (run_id, entity_id, occasion, source_key, target_key, reason, held)
select
  $1, $2, $5, lineage.source_key, lineage.target_key,
  case
    when stored_.lf_there is null then 'it was deleted since'
    when $5 = 'prune' and lineage.adopted then 'it was there before it was migrated'
    when (not $4 or lineage.adopted and $6 is null) and lineage.run_id > $1
      then format('run %%s has changed it since', lineage.run_id)
    when not $4 and not stored_.lf_unchanged then 'it was changed since'%2$s
    else coalesce($6, 'it is being changed by somebody else')
  end,
  not coalesce(
    stored_.lf_there is null
      or lineage.adopted and $6 is null
      or not $4 and (lineage.run_id > $1 or not stored_.lf_unchanged)%3$s,
    false
  )
from landfall.lineage
left join lateral (
  select
    true as lf_there,
    %4$s as lf_unchanged%5$s
  from %1$s as stored_
  where %6$s
  offset 0
) as stored_ on true
where lineage.entity_id = $2
  and lineage.source_key = any ($3)
on conflict (run_id, entity_id, occasion, source_key) do update
set reason = excluded.reason, held = excluded.held$sql$,
    leftover_sql.shape ->> 'target',
    string_agg(
      format(E'\n    when stored_.lf_held_%s then %L',
        item.nth, format('%s refers to it', item.item ->> 'relation')),
      '' order by item.nth
    ),
    string_agg(format(E'\n      or stored_.lf_held_%s', item.nth), '' order by item.nth)
      filter (where not (item.item ->> 'self')::boolean),
    landfall.unchanged_sql(leftover_sql.shape),
    string_agg(format(E',\n    %s as lf_held_%s', item.item ->> 'sql', item.nth), ''
      order by item.nth),
    landfall.same_target_sql(leftover_sql.shape, 'stored_', 'lineage.target_key')
  )
  from jsonb_array_elements(leftover_sql.shape -> 'referrers') with ordinality as item (item, nth)
$$;

comment on function landfall.leftover_sql is
$$Writes the statement that lists why the rows of the source keys in $3 were left: $4 says whether
changes since were to be undone too, $5 the occasion, $6 what Postgres raised.$$;


create function landfall.released_sql(shape jsonb, occasion text)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with released as (
  delete from landfall.lineage
  where lineage.entity_id = $2
    and lineage.source_key = any ($3)
    and not exists (
      select
      from landfall.changes
      where changes.run_id = $1
        and changes.entity_id = $2
        and changes.source_key = lineage.source_key
    )
    and (%1$s)
  returning lineage.source_key
)

select array_agg(released.source_key) from released$sql$,
    format(
      case released_sql.occasion
        when 'rollback' then '(lineage.run_id = $1 or $4 and not lineage.adopted)'
          ' and (lineage.adopted or not %s)'
        -- a row that is not ours stays, and is found again
        else 'not lineage.adopted and not %s'
      end,
      format(
        'exists (select from %s as stored_ where %s)',
        released_sql.shape ->> 'target',
        landfall.same_target_sql(released_sql.shape, 'stored_', 'lineage.target_key')
      )
    )
  )
$$;

comment on function landfall.released_sql is
$$Writes the statement that lets go of lineage where nothing is to be undone in the target, and
returns the source keys: rows that were left as they were, and inserted rows that are gone.$$;


create function landfall.settle_left(
  run_id bigint,
  entity_id int,
  shape jsonb,
  keys text[],
  force boolean,
  occasion text,
  said text
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_released text[];
  v_twice    text[];
  v_left     text[];
begin
  if cardinality(settle_left.keys) = 0 then
    return '{"released": 0, "left": 0}';
  end if;

  execute landfall.released_sql(settle_left.shape, settle_left.occasion)
  into v_released
  using settle_left.run_id, settle_left.entity_id, settle_left.keys, settle_left.force;

  v_left := array(select unnest(settle_left.keys) except select unnest(v_released));

  with listed as (
    insert into landfall.leftovers
      (run_id, entity_id, occasion, source_key, target_key, reason, held)
    select
      changes.run_id, changes.entity_id, settle_left.occasion, changes.source_key,
      changes.target_key,
      case
        when lineage.run_id is not null
          then format('run %s has migrated it again', lineage.run_id)
        else coalesce(settle_left.said, 'another row has taken its place')
      end,
      lineage.run_id is null
    from landfall.changes
    left join landfall.lineage
      on lineage.entity_id = changes.entity_id
      and lineage.source_key = changes.source_key
    where settle_left.occasion = 'rollback'
      and changes.run_id = settle_left.run_id
      and changes.entity_id = settle_left.entity_id
      and changes.source_key = any (v_left)
      and changes.removed
    on conflict on constraint leftovers_pkey do update
    set reason = excluded.reason, held = excluded.held
    returning leftovers.source_key
  )
  select array_agg(listed.source_key) into v_twice from listed;

  execute landfall.leftover_sql(settle_left.shape)
  using
    settle_left.run_id, settle_left.entity_id,
    array(select unnest(v_left) except select unnest(v_twice)),
    settle_left.force, settle_left.occasion, settle_left.said;

  return jsonb_build_object(
    'released', coalesce(cardinality(v_released), 0),
    'left', cardinality(v_left)
  );
end
$$;

comment on function landfall.settle_left is
$$Decides the rows that were neither deleted nor put back: lets go of those of which nothing is to
be undone, lists the others with what speaks against them.$$;

select landfall.close_doors();
