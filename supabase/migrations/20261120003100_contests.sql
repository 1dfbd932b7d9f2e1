/*
 * Chapter 31: contests. Of two source rows that want the same place in the target, which one
 * gets it must not depend on which worker came first; and a row may refer to a row of its own
 * table that a later batch brings. Before an entity is closed, such rows are taken back and
 * decided once more, in the order of their source keys, by one worker.
 *
 * Reads  landfall.rejects, the transforms, the targets
 * Writes the targets, landfall.lineage, rejects, run_keys, run_entities, batches
 * Holds  the lowest source key wins, whatever the batches and workers
 */

create function landfall.occupants_sql(shape jsonb)
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
  with%1$s

  select array_agg(distinct lineage.source_key)
  from judged as row_
  cross join lateral (
    %2$s
  ) as holders (target_key)
  cross join lateral (
    select lineage.source_key, lineage.run_id, lineage.adopted
    from landfall.lineage
    where lineage.entity_id = $2 and lineage.target_key = holders.target_key
    offset 0
  ) as lineage
  where lineage.run_id = $1
    and not lineage.adopted
    and not exists (
    select
    from landfall.changes
    where changes.run_id = $1
      and changes.entity_id = $2
      and changes.source_key = lineage.source_key
  )$sql$,
      landfall.judged_sql(occupants_sql.shape, 'row_.source_key = any ($5)'),
      (
        select string_agg(
          format(
            'select %s from %s where %s',
            landfall.key_text(occupants_sql.shape, 'taken'),
            keys.item ->> 'relation',
            keys.item ->> 'match'
          ),
          E'\n  union\n  ' order by keys.nth
        )
        from jsonb_array_elements(occupants_sql.shape -> 'uniques')
          with ordinality as keys (item, nth)
      )
    )
  );
end
$$;

comment on function landfall.occupants_sql is
$$Writes the query for the source rows that this run put in the places other rows want.$$;


create function landfall.undo_sql(shape jsonb)
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
  with removed as (
    delete from %1$s as stored_
    using landfall.lineage
    where lineage.entity_id = $2
      and lineage.source_key = any ($5)
      and %2$s
    returning lineage.source_key
  )

  delete from landfall.lineage
  using removed
  where lineage.entity_id = $2
    and lineage.source_key = removed.source_key$sql$,
      undo_sql.shape ->> 'target',
      landfall.same_target_sql(undo_sql.shape, 'stored_', 'lineage.target_key')
    )
  );
end
$$;

comment on function landfall.undo_sql is
$$Writes the statement that deletes the target rows of some source keys, with their lineage.$$;


create function landfall.take_back(run_id bigint, entity_id int)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity     landfall.run_entities;
  v_contested  text[];
  v_occupants  text[];
  v_removed    int := 0;
  v_given_up   jsonb;
begin
  select run_entities.*
  into v_entity
  from landfall.run_entities
  where run_entities.run_id = take_back.run_id
    and run_entities.entity_id = take_back.entity_id;

  v_contested := array(
    select rejects.source_key
    from landfall.rejects
    where rejects.run_id = take_back.run_id
      and rejects.entity_id = take_back.entity_id
      and rejects.contested
  );

  -- as long as a pass finds a place for some, another may for more
  if cardinality(v_contested) = 0 or cardinality(v_contested) >= v_entity.contested then
    return false;
  end if;

  execute landfall.occupants_sql(v_entity.shape)
  into v_occupants
  using take_back.run_id, take_back.entity_id, null::text, null::text, v_contested;

  if cardinality(v_occupants) > 0 then
    begin
      execute landfall.undo_sql(v_entity.shape)
      using take_back.run_id, take_back.entity_id, null::text, null::text, v_occupants;

      get diagnostics v_removed = row_count;
    exception when foreign_key_violation then
      -- the app refers to one of them already: they stay where they are
      v_occupants := '{}';
    end;
  end if;

  with given_up as (
    delete from landfall.rejects
    where rejects.run_id = take_back.run_id
      and rejects.entity_id = take_back.entity_id
      and rejects.source_key = any (v_contested)
    returning rejects.scope_key
  )

  select coalesce(jsonb_object_agg(counted.scope_key, -counted.rows), '{}')
  into v_given_up
  from (
    select given_up.scope_key, count(*) as rows
    from given_up
    where given_up.scope_key is not null
    group by given_up.scope_key
  ) as counted;

  insert into landfall.batches (
    run_id, entity_id, seq, from_key, to_key, planned_rows, done,
    source, inserted, rejected, rejected_of, started_at, finished_at
  )
  select
    take_back.run_id, take_back.entity_id, max(batches.seq) + 1, '', '', 0, true,
    -v_removed - cardinality(v_contested), -v_removed, -cardinality(v_contested), v_given_up,
    clock_timestamp(), clock_timestamp()
  from landfall.batches
  where batches.run_id = take_back.run_id
    and batches.entity_id = take_back.entity_id;

  delete from landfall.run_keys
  where run_keys.run_id = take_back.run_id
    and run_keys.entity_id = take_back.entity_id;

  insert into landfall.run_keys (run_id, entity_id, source_key)
  select take_back.run_id, take_back.entity_id, again.source_key
  from (select unnest(v_contested || v_occupants) as source_key) as again;

  update landfall.run_entities
  set
    state = 'planning',
    by_key = true,
    contested = cardinality(v_contested),
    planned_to = null,
    planned_rows = 0,
    shape = shape || '{"byKey": true, "inOrder": true}'
  where run_entities.run_id = take_back.run_id
    and run_entities.entity_id = take_back.entity_id;

  return true;
end
$$;

comment on function landfall.take_back is
$$Takes back an entity's contested rejects and the rows that hold their places, to be decided
once more in order; false when there are none, or the last pass decided nothing new.

Rows of earlier runs and of the app keep their places.$$;

select landfall.close_doors();
