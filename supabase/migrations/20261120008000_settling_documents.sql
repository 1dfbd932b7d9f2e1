/*
 * Chapter 80: settling documents. A worker says what became of the documents of its batch.
 *
 * Reads  landfall.batches, run_entities
 * Writes landfall.batches, lineage, changes, rejects
 * Holds  a worker that is overdue has no say
 */

create function landfall.hold_lease(run_id bigint, entity_id int, seq int, token uuid)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  perform
  from landfall.batches
  join landfall.runs on runs.id = batches.run_id
  where batches.run_id = hold_lease.run_id
    and batches.entity_id = hold_lease.entity_id
    and batches.seq = hold_lease.seq
    and batches.token = hold_lease.token
    -- a run that was given up has no say when another has begun
    and not exists (
      select
      from landfall.runs as newer
      where newer.pipeline = runs.pipeline and newer.id > runs.id and runs.id > 0
    )
  for update of batches;

  return found;
end
$$;

comment on function landfall.hold_lease is
$$Whether a batch is still the worker's who has this token; if so, nobody else's until the
transaction ends.$$;


create function landfall.release_documents(run_id bigint, entity_id int, seq int, token uuid)
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  update landfall.batches
  set leased_until = clock_timestamp()
  where batches.run_id = release_documents.run_id
    and batches.entity_id = release_documents.entity_id
    and batches.seq = release_documents.seq
    and batches.token = release_documents.token
$$;

comment on function landfall.release_documents is
$$Gives back a batch that a worker could not write, so that another may be given it at once.$$;


create function landfall.take_leases_back(run_id bigint)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  -- a worker who writes elsewhere does not notice
  if exists (
    select
    from landfall.batches
    where batches.run_id = take_leases_back.run_id
      and not batches.done
      and batches.leased_until > clock_timestamp()
  ) then
    raise exception using
      errcode = 'LF202',
      message = format(
        'Cannot roll back run %s yet: a batch of it is being written', take_leases_back.run_id
      ),
      detail  = 'A worker has it for some seconds, or died with it.',
      hint    = 'Try again in half a minute.';
  end if;

  -- a worker that is overdue has no say any more
  update landfall.batches
  set token = gen_random_uuid()
  where batches.run_id = take_leases_back.run_id
    and not batches.done
    and batches.token is not null;
end
$$;

comment on function landfall.take_leases_back is
$$Takes a run's batches of documents from workers that are overdue, who have no say any more. Raises
LF202 while one is being written.$$;


create function landfall.settle_documents(
  run_id bigint,
  entity_id int,
  seq int,
  token uuid,
  outcomes jsonb
)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_updated constant text[] := array(
    select jsonb_array_elements_text(settle_documents.outcomes -> 'updated')
  );
  v_kept    constant text[] := array(
    select jsonb_array_elements_text(settle_documents.outcomes -> 'kept')
  );
  v_refused constant text[] := array(
    select item ->> 'sourceKey'
    from jsonb_array_elements(settle_documents.outcomes -> 'rejected') as item
    where not coalesce((item ->> 'stays')::boolean, false)
  );
  v_stays   constant text[] := array(
    select item ->> 'sourceKey'
    from jsonb_array_elements(settle_documents.outcomes -> 'rejected') as item
    where (item ->> 'stays')::boolean
  );
  v_gone    constant text[] := array(
    select item ->> 'sourceKey'
    from jsonb_array_elements(settle_documents.outcomes -> 'rejected') as item
    where (item ->> 'gone')::boolean
  );
  v_batch   landfall.batches;
  v_entity  landfall.run_entities;
begin
  if not landfall.hold_lease(
    settle_documents.run_id, settle_documents.entity_id, settle_documents.seq,
    settle_documents.token
  ) then
    return false;
  end if;

  select batches.*
  into v_batch
  from landfall.batches
  where batches.run_id = settle_documents.run_id
    and batches.entity_id = settle_documents.entity_id
    and batches.seq = settle_documents.seq;

  select run_entities.*
  into v_entity
  from landfall.run_entities
  where run_entities.run_id = v_batch.run_id and run_entities.entity_id = v_batch.entity_id;

  execute format(
    $sql$
      insert into landfall.rejects
        (run_id, entity_id, source_key, target_key, reasons, details, source_row)
      select
        $1, $2, item ->> 'sourceKey', item ->> 'id',
        array(select jsonb_array_elements_text(item -> 'reasons')),
        case
          when $4 then array(select jsonb_array_elements_text(item -> 'details'))
          -- what the database says of a document may quote a secret
          else array['withheld, since the entity has secret fields']
        end,
        (select %s from %s as row_ where row_.source_key = item ->> 'sourceKey')
      from jsonb_array_elements($3) as item
    $sql$,
    landfall.kept_row(v_entity.shape),
    v_entity.shape ->> 'transform'   -- a relation, quoted by Postgres
  )
  using
    v_batch.run_id, v_batch.entity_id, settle_documents.outcomes -> 'rejected',
    v_entity.shape -> 'secretFields' = '[]';

  -- what is acknowledged is there as it was given; what was inserted is nobody else's
  update landfall.lineage
  set
    stored_hash = null,
    adopted = lineage.adopted and lineage.source_key = any (v_updated)
  where lineage.entity_id = v_batch.entity_id
    and lineage.run_id = v_batch.run_id
    and lineage.source_key between v_batch.from_key and v_batch.to_key
    and (lineage.stored_hash is not null or lineage.adopted)
    and lineage.source_key <> all (v_kept)
    and not exists (
      select
      from landfall.rejects
      where rejects.run_id = v_batch.run_id
        and rejects.entity_id = v_batch.entity_id
        and rejects.source_key = lineage.source_key
    );

  -- of what was not there, nothing is to be restored
  delete from landfall.changes
  where changes.run_id = v_batch.run_id
    and changes.entity_id = v_batch.entity_id
    and changes.source_key between v_batch.from_key and v_batch.to_key
    and changes.source_key <> all (v_updated || v_kept || v_refused || v_stays)
    and not changes.removed;

  -- what was on record, and that nobody has written, is not known any more
  delete from landfall.lineage
  where lineage.entity_id = v_batch.entity_id
    and lineage.source_key = any (v_gone)
    and lineage.run_id = v_batch.run_id;

  delete from landfall.changes
  where changes.run_id = v_batch.run_id
    and changes.entity_id = v_batch.entity_id
    and changes.source_key = any (v_gone);

  -- what was written before stays known as it was
  perform landfall.restore_lineage(v_batch.run_id, v_batch.entity_id, v_refused || v_kept);

  update landfall.lineage
  set adopted = true, kept = true
  where lineage.entity_id = v_batch.entity_id
    and lineage.source_key = any (v_kept)
    and lineage.run_id = v_batch.run_id;

  delete from landfall.lineage
  where lineage.entity_id = v_batch.entity_id
    and lineage.source_key = any (v_refused)
    and lineage.run_id = v_batch.run_id;

  update landfall.batches
  set
    inserted = inserted - cardinality(v_updated || v_kept || v_refused || v_stays),
    updated = cardinality(v_updated),
    unchanged = unchanged + cardinality(v_kept),
    rejected = rejected + cardinality(v_refused || v_stays)
  where batches.run_id = v_batch.run_id
    and batches.entity_id = v_batch.entity_id
    and batches.seq = v_batch.seq;

  perform landfall.end_batch(v_batch.run_id, v_batch.entity_id, v_batch.seq);

  return true;
end
$$;

comment on function landfall.settle_documents is
$$Says what became of a batch: {updated, kept, rejected}, lists of source keys, the last of
{sourceKey, id, reasons, details, gone, stays}; all others were inserted. gone: it was on record
already, and is not there; stays: it was written before it was rejected. False when the batch is
another worker's by now.$$;

select landfall.close_doors();
