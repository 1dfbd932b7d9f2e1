/*
 * Chapter 79: delivering documents. A worker takes a batch, and says what it is about to replace
 * before it writes.
 *
 * Reads  landfall.runs, run_entities, batches
 * Writes landfall.runs, batches, lineage, changes, rejects
 * Holds  nothing is replaced before its before image is kept
 */

create function landfall.start_export(pipeline text, options jsonb default '{}')
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
as $$
declare
  v_id bigint;
begin
  perform landfall.check_pipeline(start_export.pipeline);
  perform landfall.check_kind(start_export.pipeline, documents => true);

  v_id := landfall.open_run(
    start_export.pipeline, coalesce(start_export.options, '{}'), rehearsal => false
  );

  return landfall.run_report(v_id);
end
$$;

comment on function landfall.start_export is
$$Starts a run of a pipeline that writes documents and returns its report; landfall.take_documents
gives out the work. Raises LF101 to LF106, LF202 to LF211 and LF215 when it cannot begin.$$;


create function landfall.lease_batch(run_id bigint, lease_ms int)
  returns landfall.batches
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_batch landfall.batches;
begin
  select batches.*
  into v_batch
  from landfall.run_entities
  join landfall.batches using (run_id, entity_id)
  where run_entities.run_id = lease_batch.run_id
    and run_entities.state in ('planning', 'open')
    and not batches.done
    and coalesce(batches.leased_until < clock_timestamp(), true)
  order by run_entities.place, batches.seq
  limit 1
  for update of batches skip locked;

  update landfall.batches
  set
    token = gen_random_uuid(),
    leased_until = clock_timestamp() + lease_batch.lease_ms * interval '1 millisecond',
    started_at = clock_timestamp()
  where batches.run_id = v_batch.run_id
    and batches.entity_id = v_batch.entity_id
    and batches.seq = v_batch.seq
  returning batches.* into v_batch;

  return v_batch;
end
$$;

comment on function landfall.lease_batch is
$$Takes the next batch of documents for so many milliseconds: one that nobody has, or whose worker
is overdue. Null when there is none just now.$$;


create function landfall.take_documents(
  run_id bigint,
  budget_ms int default 1000,
  lease_ms int default 30000
)
  returns json
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
  -- what a value means must not depend on who calls
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set intervalstyle = 'postgres'
  set extra_float_digits = '1'
  set bytea_output = 'hex'
  set work_mem = '32MB'
as $$
declare
  v_run        landfall.runs;
  v_batch      landfall.batches;
  v_shape      jsonb;
  v_advance    jsonb;
  v_operations json;
begin
  select runs.* into v_run from landfall.runs where runs.id = take_documents.run_id;

  if v_run.id is not null then
    perform landfall.check_kind(v_run.pipeline, documents => true);
    perform landfall.lock_pipeline(v_run.pipeline, shared => true);
    perform landfall.use_limits(v_run.options);
    select runs.* into v_run from landfall.runs where runs.id = v_run.id;
  end if;

  if v_run.state = 'running' then
    v_batch := landfall.lease_batch(v_run.id, take_documents.lease_ms);
  end if;

  if v_batch.seq is null then
    -- without a batch to write, batches are planned, and entities opened and closed
    v_advance := landfall.advance_run(take_documents.run_id, take_documents.budget_ms);
    select runs.* into v_run from landfall.runs where runs.id = take_documents.run_id;

    if v_run.state = 'running' then
      v_batch := landfall.lease_batch(v_run.id, take_documents.lease_ms);
    end if;
  end if;

  if v_batch.seq is null then
    return v_advance || jsonb_build_object(
      'batch', null, 'prune', landfall.documents_to_prune(v_run.id, v_advance ->> 'state')
    );
  end if;

  select run_entities.shape
  into v_shape
  from landfall.run_entities
  where run_entities.run_id = v_batch.run_id and run_entities.entity_id = v_batch.entity_id;

  v_operations := landfall.begin_batch(v_batch, v_shape);

  if v_operations is null then
    perform landfall.end_batch(v_batch.run_id, v_batch.entity_id, v_batch.seq);
  end if;

  return json_build_object(
    'runId', v_run.id,
    'state', v_run.state,
    'rows', case when v_operations is null then v_batch.planned_rows else 0 end,
    'idle', false,
    'done', landfall.run_progress(v_run.id) -> 'done',
    'total', landfall.run_progress(v_run.id) -> 'total',
    'batch', case when v_operations is not null then json_build_object(
      'entityId', v_batch.entity_id,
      'seq', v_batch.seq,
      'token', v_batch.token,
      'collection', v_shape -> 'documents' -> 'collection',
      'onExisting', v_shape -> 'onExisting',
      'operations', v_operations
    ) end,
    'prune', null
  );
end
$$;

comment on function landfall.take_documents is
$$Gives a worker documents to write: what landfall.advance_run returns, and batch or prune, which
are null when there was something else to do, or nothing.

Call it again while the state is running. What is given out is on record; the worker calls
landfall.note_documents for what it is going to replace, writes, and calls
landfall.settle_documents. After lease_ms another worker may be given the batch.$$;


create function landfall.note_documents(
  run_id bigint,
  entity_id int,
  seq int,
  token uuid,
  images jsonb
)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  if not landfall.hold_lease(
    note_documents.run_id, note_documents.entity_id, note_documents.seq, note_documents.token
  ) then
    return false;
  end if;

  insert into landfall.changes as known
    (run_id, entity_id, source_key, target_key, before_image, before_given_hash)
  select
    note_documents.run_id, note_documents.entity_id,
    item ->> 'sourceKey', item ->> 'id',
    jsonb_build_object('bson', item -> 'bson'),
    (item ->> 'hash')::bigint
  from jsonb_array_elements(note_documents.images) as item
  on conflict on constraint changes_pkey do update
  set
    before_image = excluded.before_image,
    before_given_hash = coalesce(known.before_given_hash, excluded.before_given_hash);

  update landfall.lineage
  set adopted = true
  where lineage.entity_id = note_documents.entity_id
    and lineage.run_id = note_documents.run_id
    and lineage.source_key in (
      select changes.source_key
      from jsonb_array_elements(note_documents.images) as item
      join landfall.changes
        on changes.run_id = note_documents.run_id
        and changes.entity_id = note_documents.entity_id
        and changes.source_key = item ->> 'sourceKey'
      where changes.before_run_id is null
    );

  return true;
end
$$;

comment on function landfall.note_documents is
$$Keeps the before images of documents that a worker is about to replace: a list of {sourceKey, id,
hash, bson}, the last in base64. False when the batch is another worker's by now.$$;

select landfall.close_doors();
