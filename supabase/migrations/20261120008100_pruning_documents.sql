/*
 * Chapter 81: pruning documents. A run that reads the whole source deletes the documents whose
 * source keys have vanished, when it is told to.
 *
 * Reads  landfall.vanished, lineage
 * Writes landfall.lineage, changes, leftovers, vanished, run_entities
 * Holds  nothing is deleted before its before image is kept
 */

create function landfall.documents_to_prune(run_id bigint, state text)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  c_batch  constant int := 500;
  v_entity int;
begin
  if state <> 'running'
    or exists (
      select
      from landfall.run_entities
      where run_entities.run_id = documents_to_prune.run_id
        and (run_entities.state <> 'done' or not run_entities.remarked)
    )
    or not exists (
      select
      from landfall.runs
      where runs.id = documents_to_prune.run_id and runs.options @> '{"prune": true}'
    )
  then
    return null;
  end if;

  -- who refers comes before who is referred to
  select run_entities.entity_id
  into v_entity
  from landfall.run_entities
  where run_entities.run_id = documents_to_prune.run_id
    and exists (
      select
      from landfall.vanished
      where vanished.run_id = run_entities.run_id and vanished.entity_id = run_entities.entity_id
    )
  order by run_entities.place desc
  limit 1;

  return (
    select jsonb_build_object(
      'entityId', v_entity,
      'collection', (select entities.target from landfall.entities where entities.id = v_entity),
      'operations', jsonb_agg(
        jsonb_build_object(
          'sourceKey', keys.source_key,
          'id', lineage.target_key,
          'adopted', lineage.adopted,
          'ours', array_remove(array[lineage.given_hash, lineage.stored_hash], null)::text[],
          'noted', exists (
            select
            from landfall.changes
            where changes.run_id = documents_to_prune.run_id
              and changes.entity_id = v_entity
              and changes.source_key = keys.source_key
              and changes.removed
          )
        )
        order by keys.source_key
      )
    )
    from (
      select vanished.source_key
      from landfall.vanished
      where vanished.run_id = documents_to_prune.run_id and vanished.entity_id = v_entity
      order by vanished.source_key
      limit c_batch
    ) as keys
    join landfall.lineage
      on lineage.entity_id = v_entity and lineage.source_key = keys.source_key
    having count(*) > 0
  );
end
$$;

comment on function landfall.documents_to_prune is
$$Lists the next documents that a run is to delete: {entityId, collection, operations}, each
operation {sourceKey, id, adopted, ours, noted}. Null when it has none to delete, or not yet.$$;


create function landfall.note_pruned(run_id bigint, entity_id int, images jsonb)
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  insert into landfall.changes as known (
    run_id, entity_id, source_key, target_key, before_image,
    before_run_id, before_given_hash, before_stored_hash, before_kept, removed
  )
  select
    note_pruned.run_id, lineage.entity_id, lineage.source_key, lineage.target_key,
    jsonb_build_object('bson', item -> 'bson'),
    lineage.run_id, lineage.given_hash, lineage.stored_hash, lineage.kept, true
  from jsonb_array_elements(note_pruned.images) as item
  join landfall.lineage
    on lineage.entity_id = note_pruned.entity_id
    and lineage.source_key = item ->> 'sourceKey'
  on conflict on constraint changes_pkey do update
  set
    -- a document that this run has replaced, before its source vanished, has its image already
    before_image = case
      when known.before_image ? 'bson' then known.before_image
      else excluded.before_image
    end,
    removed = true
$$;

comment on function landfall.note_pruned is
$$Keeps the before images of documents that a worker is about to delete: {sourceKey, hash, bson}
each.$$;


create function landfall.settle_pruned(run_id bigint, entity_id int, outcomes jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_deleted constant text[] := array(
    select jsonb_array_elements_text(settle_pruned.outcomes -> 'deleted')
  );
  v_gone    constant text[] := array(
    select jsonb_array_elements_text(settle_pruned.outcomes -> 'gone')
  );
  v_left    constant text[] := array(
    select item ->> 'sourceKey'
    from jsonb_array_elements(settle_pruned.outcomes -> 'left') as item
  );
  v_rows    int;
begin
  -- two workers may have deleted the same: it counts once, whoever finds it gone
  with forgotten as (
    delete from landfall.lineage
    where lineage.entity_id = settle_pruned.entity_id
      and lineage.source_key = any (v_deleted || v_gone)
    returning lineage.source_key
  )

  select count(*)
  into v_rows
  from forgotten
  join landfall.changes
    on changes.run_id = settle_pruned.run_id
    and changes.entity_id = settle_pruned.entity_id
    and changes.source_key = forgotten.source_key
    and changes.removed;

  update landfall.run_entities
  set pruned = pruned + v_rows
  where run_entities.run_id = settle_pruned.run_id
    and run_entities.entity_id = settle_pruned.entity_id;

  -- what the run itself had inserted, before a crash, is not to be put back
  delete from landfall.changes
  where changes.run_id = settle_pruned.run_id
    and changes.entity_id = settle_pruned.entity_id
    and changes.source_key = any (v_deleted)
    and changes.before_run_id = settle_pruned.run_id;

  delete from landfall.changes
  where changes.run_id = settle_pruned.run_id
    and changes.entity_id = settle_pruned.entity_id
    and changes.source_key = any (v_left)
    and changes.removed
    -- unless another worker has deleted the document meanwhile
    and exists (
      select
      from landfall.lineage
      where lineage.entity_id = changes.entity_id
        and lineage.source_key = changes.source_key
    );

  insert into landfall.leftovers
    (run_id, entity_id, occasion, source_key, target_key, reason, held)
  select
    settle_pruned.run_id, settle_pruned.entity_id, 'prune',
    item ->> 'sourceKey', item ->> 'id', item ->> 'reason', false
  from jsonb_array_elements(settle_pruned.outcomes -> 'left') as item
  on conflict on constraint leftovers_pkey do nothing;

  delete from landfall.vanished
  where vanished.run_id = settle_pruned.run_id
    and vanished.entity_id = settle_pruned.entity_id
    and vanished.source_key = any (v_deleted || v_gone || v_left);
end
$$;

comment on function landfall.settle_pruned is
$$Says what became of documents that were to be deleted: {deleted, gone, left}, lists of source
keys, the last of {sourceKey, id, reason}. Safe to repeat.$$;

select landfall.close_doors();
