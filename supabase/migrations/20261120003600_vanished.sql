/*
 * Chapter 36: vanished keys. The source may have lost rows since they were migrated: a run that
 * reads all of it finds their keys, and deletes their target rows when it is told to prune.
 *
 * Reads  the transforms, landfall.lineage
 * Writes landfall.vanished, findings; when pruning the targets, lineage, changes, leftovers
 * Holds  nothing is deleted without its before image
 */

create table landfall.vanished (
  run_id      bigint   not null,
  entity_id   int      not null,
  source_key  text     not null,
  held        boolean  not null default false,

  primary key (run_id, entity_id, source_key),
  foreign key (run_id, entity_id)
    references landfall.run_entities (run_id, entity_id) on delete cascade
);

comment on table landfall.vanished is
$$Source keys that were migrated and that a run no longer found.

A run that prunes takes out those it has dealt with.$$;
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
  v_transform text;
  v_relation  text;
begin
  select runs.* into v_run from landfall.runs where runs.id = find_vanished.run_id;

  select run_entities.shape ->> 'transform'
  into v_transform
  from landfall.run_entities
  where run_entities.run_id = find_vanished.run_id
    and run_entities.entity_id = find_vanished.entity_id
    and run_entities.known;

  -- only who has read everything can say what is not there
  if v_transform is null
    or v_run.options ? 'limit'
    or coalesce((v_run.options ->> 'retryRejects')::boolean, false)
  then
    return;
  end if;

  execute format(
    $sql$
      insert into landfall.vanished (run_id, entity_id, source_key)
      select $1, $2, lineage.source_key
      from landfall.lineage
      where lineage.entity_id = $2
        and not exists (select from %s as row_ where row_.source_key = lineage.source_key)
    $sql$,
    v_transform   -- a relation, quoted by Postgres
  )
  using find_vanished.run_id, find_vanished.entity_id;

  insert into landfall.findings (run_id, entity_id, name, count, sample)
  select
    find_vanished.run_id, find_vanished.entity_id, 'vanished', count(*),
    (array_agg(vanished.source_key order by vanished.source_key))[1:5]
  from landfall.vanished
  where vanished.run_id = find_vanished.run_id
    and vanished.entity_id = find_vanished.entity_id
  having count(*) > 0;

  -- a row that is gone is neither rejected any more, nor does it wait
  foreach v_relation in array array['landfall.rejects', 'landfall.deferred'] loop
    execute format(
      $sql$
        update %1$s as known
        set settled_by = $1
        where known.entity_id = $2
          and known.settled_by is null
          and known.run_id <> $1
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
      v_relation,   -- one of the two above
      v_transform   -- a relation, quoted by Postgres
    )
    using find_vanished.run_id, find_vanished.entity_id;
  end loop;
end
$$;

comment on function landfall.find_vanished is
$$Finds the source keys of an entity that were migrated before and are no longer there, if the run
reads all of the transform; they become the finding "vanished".$$;


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
$$Deletes a batch of the target rows whose source keys have vanished, and returns how many keys it
dealt with.

Rows that were there before, have changed since, or are referred to are left and listed in
landfall.leftovers.$$;

select landfall.close_doors();
