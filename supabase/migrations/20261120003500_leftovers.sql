/*
 * Chapter 35: leftovers. What could not be pruned or undone, each row with the reason.
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
  scope_key   text,

  primary key (run_id, entity_id, occasion, source_key),

  constraint leftovers_occasion_is_known check (occasion in ('prune', 'rollback'))
);

create index on landfall.leftovers (entity_id);

comment on table landfall.leftovers is
$$Target rows that a run should have pruned, or a roll-back of it undone, and why they were left.$$;
comment on column landfall.leftovers.held is
$$What holds the row may be gone after another pass: a row of the same table, a unique value.$$;
comment on column landfall.leftovers.scope_key is
$$The tenant whose row it is; null where the pipeline has none.$$;


create function landfall.leftover_sql(shape jsonb)
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
  insert into landfall.leftovers
    (run_id, entity_id, occasion, source_key, target_key, scope_key, reason, held)
  select
    $1, $2, $5, keys.source_key, coalesce(lineage.target_key, changes.target_key),
    coalesce(lineage.scope_key, changes.scope_key),
    coalesce(
      judged.final, judged.held, $6,
      case
        when stored_.lf_there then %1$L
        else 'another row has taken its place'
      end
    ),
    judged.final is null
  from unnest($3) as keys (source_key)
  left join landfall.lineage
    on lineage.entity_id = $2 and lineage.source_key = keys.source_key
  left join landfall.changes
    on $5 = 'rollback'
    and changes.run_id = $1
    and changes.entity_id = $2
    and changes.source_key = keys.source_key
  left join lateral (
    select
      true as lf_there,
      %2$s as lf_unchanged%3$s
    from %4$s as stored_
    where %5$s
    offset 0
  ) as stored_ on true
  cross join lateral (
    select
      case
        when changes.removed and lineage.run_id is not null
          then format('run %%s has migrated it again', lineage.run_id)
        when changes.removed then null
        when lineage.run_id is null and not $4 then (
          select format('run %%s has deleted it since', max(later.run_id))
          from landfall.changes as later
          where later.entity_id = $2
            and later.source_key = keys.source_key
            and later.removed
        )
        when stored_.lf_there is null and not $4 then 'it was deleted since'
        when $5 = 'prune' and lineage.adopted then 'it was there before it was migrated'
        when $5 = 'rollback'
          and (not $4 or lineage.adopted and changes.run_id is null)
          and lineage.run_id > $1
          then format('run %%s has changed it since', lineage.run_id)
        when not $4 and not stored_.lf_unchanged then 'it was changed since'%6$s
      end as final,
      case%7$s
        when false then ''
      end as held
  ) as judged
  on conflict (run_id, entity_id, occasion, source_key) do update
  set reason = excluded.reason, held = excluded.held$sql$,
      format('a trigger of %s keeps it', leftover_sql.shape ->> 'target'),
      landfall.unchanged_sql(leftover_sql.shape),
      string_agg(
        format(E',\n    case when changes.run_id is null then %s else %s end as lf_held_%s',
          item.item ->> 'sql', coalesce(item.item ->> 'emptied', 'false'), item.nth),
        '' order by item.nth
      ),
      leftover_sql.shape ->> 'target',
      landfall.same_target_sql(leftover_sql.shape, 'stored_', 'lineage.target_key'),
      string_agg(refers.sql, '' order by item.nth) filter (where not refers.self),
      string_agg(refers.sql, '' order by item.nth) filter (where refers.self)
    )
    from jsonb_array_elements(leftover_sql.shape -> 'referrers') with ordinality as item (item, nth)
    cross join lateral (
      select
        (item.item ->> 'self')::boolean as self,
        format(
          E'\n      when stored_.lf_held_%s then %L',
          item.nth, format('%s refers to it', item.item ->> 'relation')
        ) as sql
    ) as refers
  );
end
$$;

comment on function landfall.leftover_sql is
$$Writes the statement that lists why the rows of the source keys in $3 were left: $4 says whether
changes since were to be undone too, $5 the occasion, $6 what Postgres raised.

A row that was to be deleted is held by rows that refer to it; one that was to be restored only by
those that its value of before would empty.$$;


create function landfall.released_sql(shape jsonb, occasion text)
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
  with released as (
    delete from landfall.lineage
    where lineage.entity_id = $2
      and lineage.source_key = any ($3)
      and lineage.source_key not in (
        select changes.source_key
        from landfall.changes
        where changes.run_id = $1 and changes.entity_id = $2 and changes.source_key = any ($3)
      )
      and (%1$s)
    returning lineage.source_key
  )

  select array_agg(released.source_key) from released$sql$,
      format(
        case released_sql.occasion
          when 'rollback' then 'case when lineage.adopted then lineage.run_id = $1 else not %s end'
          else 'not %s'
        end,
        format(
          'exists (select from %s as stored_ where %s)',
          released_sql.shape ->> 'target',
          landfall.same_target_sql(released_sql.shape, 'stored_', 'lineage.target_key')
        )
      )
    )
  );
end
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
  v_left     text[];
begin
  if cardinality(settle_left.keys) = 0 then
    return '{"released": 0, "left": 0}';
  end if;

  execute landfall.released_sql(settle_left.shape, settle_left.occasion)
  into v_released
  using settle_left.run_id, settle_left.entity_id, settle_left.keys;

  -- what later runs have made of a row that is let go of
  delete from landfall.changes
  where settle_left.occasion = 'rollback'
    and changes.entity_id = settle_left.entity_id
    and changes.run_id > settle_left.run_id
    and changes.source_key = any (v_released);

  v_left := array(select unnest(settle_left.keys) except select unnest(v_released));

  execute landfall.leftover_sql(settle_left.shape)
  using
    settle_left.run_id, settle_left.entity_id, v_left,
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
