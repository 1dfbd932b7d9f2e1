/*
 * Chapter 47: rolling back. What is next of a roll-back: a batch of keys, another pass, the next
 * entity, the end.
 *
 * Reads  landfall.rollbacks, lineage, changes, leftovers
 * Writes the same, the targets, runs
 * Holds  one worker at a time for an entity; each batch is whole or not done
 */

create function landfall.end_pass(entity landfall.rollbacks, scopes text[])
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_held bigint;
begin
  select count(*)
  into v_held
  from landfall.leftovers
  where leftovers.run_id = entity.run_id
    and leftovers.entity_id = entity.entity_id
    and leftovers.occasion = 'rollback'
    and leftovers.held
    and (end_pass.scopes is null or leftovers.scope_key = any (end_pass.scopes));

  if entity.phase = 'put back' then
    update landfall.rollbacks
    set phase = 'undo', undone_to = null
    where rollbacks.run_id = entity.run_id and rollbacks.entity_id = entity.entity_id;

  elsif v_held > 0 and (
    entity.pass = 0
    or v_held < entity.held
    or v_held > landfall.undo_reach(entity.pass)
  ) then
    update landfall.rollbacks
    set pass = pass + 1, held = v_held, undone_to = null
    where rollbacks.run_id = entity.run_id and rollbacks.entity_id = entity.entity_id;

  else
    perform landfall.reopen(entity.run_id, entity.entity_id, end_pass.scopes);

    update landfall.rollbacks
    set phase = 'done', finished_at = clock_timestamp()
    where rollbacks.run_id = entity.run_id and rollbacks.entity_id = entity.entity_id;
  end if;
end
$$;

comment on function landfall.end_pass is
$$Takes an entity of which no key is left to undo to its next phase or pass.$$;


create function landfall.undo_batch(
  run_id bigint,
  entity_id int,
  force boolean,
  scopes text[]
)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_begun  constant timestamptz := clock_timestamp();
  v_entity landfall.rollbacks;
  v_keys   text[];
  v_counts jsonb;
begin
  select rollbacks.*
  into v_entity
  from landfall.rollbacks
  where rollbacks.run_id = undo_batch.run_id and rollbacks.entity_id = undo_batch.entity_id;

  v_keys := landfall.keys_to_undo(
    v_entity.run_id, v_entity.entity_id, v_entity.phase, v_entity.pass, v_entity.undone_to,
    undo_batch.scopes
  );

  if cardinality(v_keys) > 0 then
    delete from landfall.leftovers
    where v_entity.pass > 0
      and leftovers.run_id = v_entity.run_id
      and leftovers.entity_id = v_entity.entity_id
      and leftovers.occasion = 'rollback'
      and leftovers.source_key = any (v_keys);

    v_entity.shape := coalesce(
      v_entity.shape,
      landfall.undo_shape(v_entity.entity_id) || jsonb_build_object('changed', exists (
        select
        from landfall.changes
        where changes.entity_id = v_entity.entity_id and changes.run_id >= v_entity.run_id
      ))
    );
    v_counts := landfall.undo_keys(
      v_entity.run_id, v_entity.entity_id, v_entity.shape, v_keys, undo_batch.force, 'rollback'
    );

    update landfall.rollbacks
    set
      shape = coalesce(shape, v_entity.shape),
      undone_to = v_keys[cardinality(v_keys)],
      seen = seen + case when v_entity.pass = 0 then cardinality(v_keys) else 0 end,
      deleted = deleted + (v_counts ->> 'deleted')::bigint,
      restored = restored + (v_counts ->> 'restored')::bigint,
      rewritten = rewritten + (v_counts ->> 'rewritten')::bigint,
      released = released + (v_counts ->> 'released')::bigint,
      started_at = coalesce(started_at, v_begun)
    where rollbacks.run_id = v_entity.run_id and rollbacks.entity_id = v_entity.entity_id;

    return cardinality(v_keys);
  end if;

  perform landfall.end_pass(v_entity, undo_batch.scopes);

  return 0;
end
$$;

comment on function landfall.undo_batch is
$$Undoes the next batch of an entity, or when none is left takes it to its next phase or pass;
returns how many rows it looked at.$$;


create function landfall.end_rollback(run_id bigint)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  perform landfall.move_run(
    end_rollback.run_id,
    case
      when not exists (
        select
        from landfall.run_entities
        left join landfall.rollbacks using (run_id, entity_id)
        where run_entities.run_id = end_rollback.run_id
          and (rollbacks.run_id is null or rollbacks.scopes is not null)
      ) then 'rolled_back'
      when runs.rollback ->> 'fromState' = 'completed' then 'completed'
      else 'cancelled'
    end
  )
  from landfall.runs
  where runs.id = end_rollback.run_id;

  -- another worker may have seen the end as well
  update landfall.runs
  set rollback = rollback || jsonb_build_object('finishedAt', clock_timestamp())
  where runs.id = end_rollback.run_id
    and not runs.rollback ? 'finishedAt';
end
$$;

comment on function landfall.end_rollback is
$$Ends a roll-back: the run is rolled back, or what it was when some of it was not to be undone.$$;


create function landfall.rollback_step(run_id bigint, force boolean, scopes text[])
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_next landfall.rollbacks;
begin
  select next.* into v_next from landfall.next_to_undo(rollback_step.run_id) as next;

  if v_next.entity_id is null then
    if not landfall.has_to_undo(rollback_step.run_id) then
      perform landfall.end_rollback(rollback_step.run_id);
    end if;

    return null;
  end if;

  return landfall.undo_batch(
    rollback_step.run_id, v_next.entity_id, rollback_step.force, rollback_step.scopes
  );
end
$$;

comment on function landfall.rollback_step is
$$Takes the next step of a roll-back and returns the rows it looked at; null when it is over, or
others have what is left.$$;

select landfall.close_doors();
