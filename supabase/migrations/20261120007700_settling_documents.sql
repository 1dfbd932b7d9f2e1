/*
 * Chapter 77: settling documents. A worker says what became of the documents of its batch.
 *
 * Reads  landfall.batches, run_entities
 * Writes landfall.batches, lineage, changes, rejects
 * Holds  a worker that is overdue has no say
 */

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

  update landfall.lineage
  set stored_hash = null
  where lineage.entity_id = v_batch.entity_id
    and lineage.source_key = any (v_updated)
    and lineage.run_id = v_batch.run_id;

  -- of what was not there, nothing is to be restored
  delete from landfall.changes
  where changes.run_id = v_batch.run_id
    and changes.entity_id = v_batch.entity_id
    and changes.source_key between v_batch.from_key and v_batch.to_key
    and changes.source_key <> all (v_updated || v_kept || v_refused)
    and not changes.removed;

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
    inserted = inserted - cardinality(v_updated || v_kept || v_refused),
    updated = cardinality(v_updated),
    unchanged = unchanged + cardinality(v_kept),
    rejected = rejected + cardinality(v_refused)
  where batches.run_id = v_batch.run_id
    and batches.entity_id = v_batch.entity_id
    and batches.seq = v_batch.seq;

  perform landfall.end_batch(v_batch.run_id, v_batch.entity_id, v_batch.seq);

  return true;
end
$$;

comment on function landfall.settle_documents is
$$Says what became of a batch: {updated, kept, rejected}, lists of source keys, the last of
{sourceKey, id, reasons, details}; all others were inserted. False when the batch is another
worker's by now.$$;

select landfall.close_doors();
