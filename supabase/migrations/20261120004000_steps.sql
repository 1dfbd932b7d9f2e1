/*
 * Chapter 40: steps. What a worker can do next: plan, write a batch, build what a full table lacks,
 * close an entity, open one, remark on one, or finish.
 *
 * Reads  landfall.run_entities, batches, rebuilds
 * Writes the same, and whatever a batch writes
 * Holds  two workers never take the same step
 */

create function landfall.take_batch(run_id bigint, entity_id int, shape jsonb, batch_size int)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_batch   landfall.batches;
  v_counts  jsonb;
  v_started timestamptz;
begin
  select claimed.*
  into v_batch
  from landfall.claim_batch(
    take_batch.run_id,
    take_batch.entity_id,
    case
      when take_batch.batch_size is null
        then landfall.batch_length(take_batch.run_id, take_batch.entity_id)
      else 1
    end
  ) as claimed;

  if v_batch.seq is null then
    return null;
  end if;

  v_started := clock_timestamp();
  v_counts := landfall.write_batch(
    take_batch.run_id, take_batch.entity_id,
    landfall.without_stopped(take_batch.run_id, take_batch.shape),
    v_batch.from_key, v_batch.to_key,
    landfall.expects_places(take_batch.run_id, take_batch.entity_id, take_batch.shape)
  );

  if (v_counts ->> 'source')::int <> (
    select sum((v_counts ->> outcomes.name)::int)
    from unnest(array['inserted', 'updated', 'unchanged', 'rejected', 'deferred'])
      as outcomes (name)
  ) then
    raise exception using
      errcode = 'LF301',
      message = format('The rows of %s do not add up', take_batch.shape ->> 'target'),
      detail  = v_counts::text,
      hint    = 'Nothing of this batch is written. Please report this with the view and the table.';
  end if;

  update landfall.batches
  set
    done = true,
    source = (v_counts ->> 'source')::int,
    inserted = (v_counts ->> 'inserted')::int,
    updated = (v_counts ->> 'updated')::int,
    unchanged = (v_counts ->> 'unchanged')::int,
    rejected = (v_counts ->> 'rejected')::int,
    deferred = (v_counts ->> 'deferred')::int,
    findings = coalesce(v_counts -> 'findings', '{}'),
    rejected_of = case
      when (take_batch.shape ->> 'scoped')::boolean and (v_counts ->> 'rejected')::int > 0
        then landfall.rejected_of(v_batch, take_batch.shape)
      else '{}'
    end,
    started_at = v_started,
    finished_at = clock_timestamp()
  where batches.run_id = v_batch.run_id
    and batches.entity_id = v_batch.entity_id
    and batches.seq = v_batch.seq;

  return v_batch.planned_rows;
end
$$;

comment on function landfall.take_batch is
$$Claims a batch of an entity and writes it; returns its planned rows, or null without a batch.

A batch aims at about a second, unless its size is given. Raises LF301 when its outcomes do not
add up to its source rows.$$;


create function landfall.next_step(run_id bigint, batch_size int)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity landfall.run_entities;
  v_rows   int;
begin
  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id and run_entities.state = 'planning'
    order by run_entities.place
    for no key update skip locked
  loop
    if landfall.plan_batches(next_step.run_id, v_entity.entity_id) then
      update landfall.run_entities
      set state = 'open'
      where run_entities.run_id = next_step.run_id
        and run_entities.entity_id = v_entity.entity_id;
    end if;

    return 0;
  end loop;

  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id and run_entities.state in ('planning', 'open')
      -- a batch of documents is taken by a worker who can write them: landfall.take_documents
      and run_entities.shape -> 'documents' = 'null'
    order by run_entities.place
  loop
    -- what is decided in order is decided by one worker
    if v_entity.contested is not null then
      perform
      from landfall.run_entities
      where run_entities.run_id = next_step.run_id
        and run_entities.entity_id = v_entity.entity_id
      for no key update skip locked;

      continue when not found;
    end if;

    v_rows := landfall.take_batch(
      next_step.run_id, v_entity.entity_id, v_entity.shape, next_step.batch_size
    );

    if v_rows is not null then
      return v_rows;
    end if;
  end loop;

  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id
      and run_entities.state = 'open'
      and not exists (
        select
        from landfall.batches
        where batches.run_id = run_entities.run_id
          and batches.entity_id = run_entities.entity_id
          and not batches.done
      )
    order by run_entities.place
    for no key update skip locked
  loop
    if v_entity.shape -> 'documents' <> 'null'
      or not landfall.take_back(next_step.run_id, v_entity.entity_id)
    then
      if v_entity.shape -> 'documents' = 'null' then
        perform landfall.settle_reasons(next_step.run_id, v_entity.entity_id);
      end if;

      perform landfall.find_vanished(next_step.run_id, v_entity.entity_id);

      update landfall.run_entities
      set state = 'building'
      where run_entities.run_id = next_step.run_id
        and run_entities.entity_id = v_entity.entity_id;
    end if;

    return 0;
  end loop;

  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id and run_entities.state = 'building'
    order by run_entities.place
  loop
    if landfall.rebuild_step(next_step.run_id, v_entity.entity_id) then
      return 0;
    end if;
  end loop;

  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id
      and run_entities.state = 'waiting'
      and not exists (
        select
        from landfall.run_entities as parents
        where parents.run_id = run_entities.run_id
          and parents.entity_id = any (run_entities.parents)
          and parents.state <> 'done'
      )
    order by run_entities.place
    for no key update skip locked
  loop
    perform landfall.open_entity(next_step.run_id, v_entity.entity_id);
    perform landfall.drop_indexes(next_step.run_id, v_entity.entity_id);
    return 0;
  end loop;

  if landfall.remark_step(next_step.run_id) then
    return 0;
  end if;

  if exists (
    select
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id
      and (run_entities.state <> 'done' or not run_entities.remarked)
  ) then
    return null;
  end if;

  return landfall.last_step(next_step.run_id);
end
$$;

comment on function landfall.next_step is
$$Takes the next step of a run: plan, write a batch, build, close, open, remark, or finish.

Returns the rows it handled, 0 for a step without rows, null when there was nothing to do:
another worker holds what is left, or the run is over.$$;

select landfall.close_doors();
