/*
 * Chapter 39: vanished keys. The source may have lost rows since they were migrated, or their owner
 * may have been unlinked: a run that reads all of it finds their keys, and deletes their target
 * rows when it is told to prune.
 *
 * Reads  the transforms, landfall.lineage
 * Writes landfall.vanished, findings; when pruning the targets, lineage, changes, leftovers and
 *        deferred
 * Holds  nothing is deleted without its before image
 */

create table landfall.vanished (
  run_id       bigint   not null,
  entity_id    int      not null,
  source_key   text     not null,
  waiting_for  text,
  amounts      jsonb,
  scope_key    text,
  held         boolean  not null default false,

  primary key (run_id, entity_id, source_key),
  foreign key (run_id, entity_id)
    references landfall.run_entities (run_id, entity_id) on delete cascade
);

comment on table landfall.vanished is
$$Source keys that were migrated and that a run no longer found, or found waiting again.

A run that prunes takes out those it has dealt with.$$;
comment on column landfall.vanished.waiting_for is
$$What the row waits for again; null for a key that is gone.$$;
comment on column landfall.vanished.amounts is
$$The values of such a row in the columns its entity sums.$$;
comment on column landfall.vanished.held is
$$A row of the same table refers to the target row: both are looked at again together.$$;


create function landfall.find_vanished(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_run       landfall.runs;
  v_shape     jsonb;
  v_unlinked  boolean;
  v_scopes    text[];
  v_relation  text;
begin
  select runs.* into v_run from landfall.runs where runs.id = find_vanished.run_id;
  v_unlinked := v_run.options @> '{"unlinked": true}';
  v_scopes := landfall.scopes_of(v_run.options);

  select run_entities.shape
  into v_shape
  from landfall.run_entities
  where run_entities.run_id = find_vanished.run_id
    and run_entities.entity_id = find_vanished.entity_id
    and run_entities.known;

  -- only who has read everything can say what is not there
  if v_shape is null
    or v_run.options ? 'limit'
    or v_run.options @? '$ ? (@.retryRejects == true || @.resolved == true)'
  then
    return;
  end if;

  execute format(
    $sql$
      insert into landfall.vanished
        (run_id, entity_id, source_key, waiting_for, amounts, scope_key)
      select $1, $2, lineage.source_key, row_.waiting_for, row_.amounts, lineage.scope_key
      from landfall.lineage
      left join (select source_key, %1$s from %2$s as row_ where true%3$s) as row_
        on row_.source_key = lineage.source_key
      -- most runs are spared a look at every key
      where $5
        and lineage.entity_id = $2
        and ($4 is null or lineage.scope_key = any ($4))
        and (row_.waiting_for is not null or not $3 and row_.source_key is null)
    $sql$,
    case when (v_shape ->> 'waits')::boolean
      then format('row_.waiting_for, case when row_.waiting_for is not null then %s end as amounts',
        landfall.amounts_sql(v_shape, 'row_'))
      else 'null::text as waiting_for, null::jsonb as amounts' end,
    v_shape ->> 'transform',         -- %2$s  a relation, quoted by Postgres
    landfall.scopes_sql(v_shape)     -- %3$s  a condition, its values quoted
  )
  using
    find_vanished.run_id, find_vanished.entity_id, v_unlinked, v_scopes,
    v_shape -> 'documents' <> 'null'
      or not landfall.has_met_all(find_vanished.run_id, find_vanished.entity_id);

  perform landfall.place_vanished(find_vanished.run_id, find_vanished.entity_id, v_shape);

  insert into landfall.findings (run_id, entity_id, name, count, sample)
  select
    find_vanished.run_id, find_vanished.entity_id,
    case when vanished.waiting_for is null then 'vanished' else 'waiting again' end, count(*),
    (array_agg(vanished.source_key order by vanished.source_key))[1:5]
  from landfall.vanished
  where vanished.run_id = find_vanished.run_id
    and vanished.entity_id = find_vanished.entity_id
  group by 3;

  if v_unlinked then
    return;
  end if;

  -- a row that is gone is neither rejected any more, nor does it wait
  foreach v_relation in array array['landfall.rejects', 'landfall.deferred'] loop
    execute format(
      $sql$
        update %1$s as known
        set settled_by = $1
        where known.entity_id = $2
          and known.settled_by is null
          and known.run_id <> $1
          and ($3 is null or known.scope_key = any ($3))
          -- no join: an update computes whole rows of what it is joined with, and these may fail
          and known.source_key not in (
            select row_.source_key
            from %2$s as row_
            where row_.source_key in (
              select open.source_key
              from %1$s as open
              where open.entity_id = $2 and open.settled_by is null and open.run_id <> $1
            )
          )
      $sql$,
      v_relation,               -- one of the two above
      v_shape ->> 'transform'   -- a relation, quoted by Postgres
    )
    using find_vanished.run_id, find_vanished.entity_id, v_scopes;
  end loop;
end
$$;

comment on function landfall.find_vanished is
$$Finds the source keys of an entity that were migrated before and are no longer there, or wait
again, if the run reads all of the transform; they become the findings "vanished" and "waiting
again". A run for users who were unlinked looks for the latter only.$$;


create function landfall.prune_entity(run_id bigint, entity_id int)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  c_batch   constant int := 5000;
  v_keys    text[];
  v_again   boolean;
  v_counts  jsonb;
begin
  v_keys := array(
    select vanished.source_key
    from landfall.vanished
    where vanished.run_id = prune_entity.run_id
      and vanished.entity_id = prune_entity.entity_id
      and not vanished.held
    order by vanished.source_key
    limit c_batch
  );
  v_again := cardinality(v_keys) = 0;

  if v_again then
    -- rows that refer to each other may stand far apart: in the end all are looked at together
    v_keys := array(
      select vanished.source_key
      from landfall.vanished
      where vanished.run_id = prune_entity.run_id
        and vanished.entity_id = prune_entity.entity_id
      order by vanished.source_key
    );

    delete from landfall.leftovers
    where leftovers.run_id = prune_entity.run_id
      and leftovers.entity_id = prune_entity.entity_id
      and leftovers.occasion = 'prune'
      and leftovers.source_key = any (v_keys);
  end if;

  perform landfall.check_undo(prune_entity.entity_id);

  v_counts := landfall.undo_keys(
    prune_entity.run_id, prune_entity.entity_id,
    landfall.undo_shape(prune_entity.entity_id), v_keys,
    force => false, occasion => 'prune'
  );

  update landfall.run_entities
  set pruned = pruned + (v_counts ->> 'deleted')::int
  where run_entities.run_id = prune_entity.run_id
    and run_entities.entity_id = prune_entity.entity_id;

  -- a row that is there still, and only has no owner any more, waits
  insert into landfall.deferred as known
    (entity_id, source_key, run_id, waiting_for, amounts, scope_key)
  select
    vanished.entity_id, vanished.source_key, vanished.run_id, vanished.waiting_for,
    vanished.amounts, vanished.scope_key
  from landfall.vanished
  where vanished.run_id = prune_entity.run_id
    and vanished.entity_id = prune_entity.entity_id
    and vanished.source_key = any (v_keys)
    and vanished.waiting_for is not null
    and not exists (
      select
      from landfall.lineage
      where lineage.entity_id = vanished.entity_id
        and lineage.source_key = vanished.source_key
    )
  on conflict on constraint deferred_pkey do update
  set
    run_id = case when known.settled_by is null then known.run_id else excluded.run_id end,
    waiting_for = excluded.waiting_for,
    amounts = excluded.amounts,
    scope_key = excluded.scope_key,
    settled_by = null;

  update landfall.vanished
  set held = exists (
    select
    from landfall.leftovers
    where leftovers.run_id = vanished.run_id
      and leftovers.entity_id = vanished.entity_id
      and leftovers.occasion = 'prune'
      and leftovers.source_key = vanished.source_key
      and leftovers.held
  )
  where vanished.run_id = prune_entity.run_id
    and vanished.entity_id = prune_entity.entity_id
    and vanished.source_key = any (v_keys);

  delete from landfall.vanished
  where vanished.run_id = prune_entity.run_id
    and vanished.entity_id = prune_entity.entity_id
    and vanished.source_key = any (v_keys)
    -- as long as a look at all of them deletes some, another may more
    and (not vanished.held or v_again and (v_counts ->> 'deleted')::int = 0);

  return cardinality(v_keys);
end
$$;

comment on function landfall.prune_entity is
$$Deletes a batch of the target rows whose source keys have vanished or wait again, and returns how
many keys it dealt with.

Rows that were there before, have changed since, or are referred to are left and listed in
landfall.leftovers.$$;

select landfall.close_doors();
