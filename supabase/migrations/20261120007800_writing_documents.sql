/*
 * Chapter 78: writing documents. What a worker is given to write, and what it says became of it.
 *
 * Reads  landfall.runs, run_entities, the transforms
 * Writes landfall.batches, lineage, changes, rejects
 * Holds  a batch is done when its documents are acknowledged
 */

create function landfall.begin_batch(batch landfall.batches, shape jsonb)
  returns json
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  -- of documents in one reply: a function has 256 MB
  c_most      constant int := 8000000;
  v_predicate constant text := case
    when (shape ->> 'byKey')::boolean then
      'row_.source_key in (select run_keys.source_key from landfall.run_keys'
      ' where run_keys.run_id = $1 and run_keys.entity_id = $2'
      ' and run_keys.source_key between $3 and $4)'
    else 'row_.source_key between $3 and $4'
  end;
  v_unsettled constant boolean := exists (
    select
    from landfall.batches
    where batches.entity_id = batch.entity_id
      and batches.token is not null
      and not batches.done
      and (batches.run_id, batches.seq) <> (batch.run_id, batch.seq)
  ) or batch.source > 0;
  v_keys      text[];
  v_faults    jsonb := '{}';
  v_failing   text[] := '{}';
  v_context   text;
  v_made      record;
begin
  -- a worker that is gone may have been here before
  delete from landfall.rejects
  where rejects.run_id = batch.run_id
    and rejects.entity_id = batch.entity_id
    and rejects.source_key between batch.from_key and batch.to_key;

  begin
    begin
      execute landfall.put_on_record_sql(shape, v_predicate, v_unsettled)
      into v_made
      using batch.run_id, batch.entity_id, batch.from_key, batch.to_key, c_most;
    exception when unique_violation then
      -- another worker has just put a row of the same _id on record: now it is seen
      execute landfall.put_on_record_sql(shape, v_predicate, v_unsettled)
      into v_made
      using batch.run_id, batch.entity_id, batch.from_key, batch.to_key, c_most;
    end;
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    execute format(
      'select array_agg(row_.source_key) from %s as row_ where %s',
      shape ->> 'transform',   -- a relation, quoted by Postgres
      v_predicate
    )
    into v_keys
    using batch.run_id, batch.entity_id, batch.from_key, batch.to_key;

    v_faults := landfall.failing_documents(shape, batch.entity_id, v_keys);
    v_failing := array(select jsonb_object_keys(v_faults));
    perform landfall.reject_dead(batch.run_id, batch.entity_id, shape, v_failing, v_faults);

    execute landfall.put_on_record_sql(
      shape, format('%s and row_.source_key <> all (%L::text[])', v_predicate, v_failing),
      v_unsettled
    )
    into v_made
    using batch.run_id, batch.entity_id, batch.from_key, batch.to_key, c_most;
  end;

  if v_made.rows_beyond > 0 then
    insert into landfall.batches (run_id, entity_id, seq, from_key, to_key, planned_rows)
    select
      batch.run_id, batch.entity_id, max(batches.seq) + 1, v_made.beyond_from, batch.to_key,
      v_made.rows_beyond
    from landfall.batches
    where batches.run_id = batch.run_id and batches.entity_id = batch.entity_id;
  end if;

  update landfall.batches
  set
    to_key = case when v_made.rows_beyond > 0 then v_made.reached else to_key end,
    planned_rows = greatest(0, planned_rows - v_made.rows_beyond),
    source = v_made.source + cardinality(v_failing),
    -- those of whom the worker has not said otherwise yet
    inserted = coalesce(json_array_length(v_made.operations), 0),
    updated = 0,
    unchanged = v_made.source - v_made.rejected
      - coalesce(json_array_length(v_made.operations), 0),
    rejected = v_made.rejected + cardinality(v_failing),
    findings = v_made.findings
  where batches.run_id = batch.run_id
    and batches.entity_id = batch.entity_id
    and batches.seq = batch.seq;

  return v_made.operations;
end
$$;

comment on function landfall.begin_batch is
$$Puts on record what a batch of documents is about to write, and returns it: a list of {sourceKey,
id, hash, attempted, noted, known, pending, reasons, ours, document}, or null when there is nothing
to write.

Rows that rules reject, or that do not compute, are rejected. A batch whose documents are too large
together is cut.$$;


create function landfall.end_batch(run_id bigint, entity_id int, seq int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_batch landfall.batches;
begin
  update landfall.batches
  set
    done = true,
    token = null,
    leased_until = null,
    finished_at = clock_timestamp()
  where batches.run_id = end_batch.run_id
    and batches.entity_id = end_batch.entity_id
    and batches.seq = end_batch.seq
  returning batches.* into v_batch;

  -- what an earlier run rejected has an answer now
  update landfall.rejects
  set settled_by = v_batch.run_id
  where rejects.entity_id = v_batch.entity_id
    and rejects.settled_by is null
    and rejects.run_id <> v_batch.run_id
    and rejects.source_key between v_batch.from_key and v_batch.to_key
    and (
      exists (
        select
        from landfall.lineage
        where lineage.entity_id = rejects.entity_id and lineage.source_key = rejects.source_key
      )
      or exists (
        select
        from landfall.rejects as newer
        where newer.run_id = v_batch.run_id
          and newer.entity_id = rejects.entity_id
          and newer.source_key = rejects.source_key
      )
    );

  perform landfall.stop_past_budget(v_batch.run_id);
end
$$;

comment on function landfall.end_batch is
$$Closes a batch of documents of which every row is accounted for.$$;

select landfall.close_doors();
