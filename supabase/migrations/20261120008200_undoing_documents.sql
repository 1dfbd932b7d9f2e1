/*
 * Chapter 82: undoing documents. A roll-back gives a worker what a run wrote, batch by batch, and
 * is told what became of it.
 *
 * Reads  landfall.rollbacks, lineage, changes
 * Writes landfall.rollbacks, lineage, changes, leftovers, runs
 * Holds  a batch that two workers undo counts once
 */

create function landfall.documents_to_undo(
  run_id bigint,
  entity_id int,
  phase text,
  after text,
  force boolean
)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select jsonb_build_object(
    'entityId', documents_to_undo.entity_id,
    'entity', (select entities.name from landfall.entities where id = documents_to_undo.entity_id),
    'collection', (
      select entities.target from landfall.entities where id = documents_to_undo.entity_id
    ),
    'phase', documents_to_undo.phase,
    'after', documents_to_undo.after,
    'reached', max(keys.source_key),
    'force', documents_to_undo.force,
    'operations', jsonb_agg(
      jsonb_build_object(
        'sourceKey', keys.source_key,
        'id', coalesce(lineage.target_key, changes.target_key),
        'ours', array_remove(array[lineage.given_hash, lineage.stored_hash], null)::text[],
        'beforeHashes', array_remove(
          array[changes.before_given_hash, changes.before_stored_hash], null
        )::text[],
        'before', changes.before_image -> 'bson',
        'action', case
          when documents_to_undo.phase = 'put back' then 'reinsert'
          when lineage.source_key is null then 'release'
          when changes.source_key is not null then 'restore'
          when lineage.adopted then 'release'
          else 'delete'
        end,
        'left', case
          when documents_to_undo.phase = 'put back'
            and lineage.run_id is distinct from changes.before_run_id
            and lineage.run_id is not null
            then format('run %s has migrated it again', lineage.run_id)
          when documents_to_undo.phase = 'put back' or documents_to_undo.force then null
          when lineage.run_id > documents_to_undo.run_id
            then format('run %s has changed it since', lineage.run_id)
          when lineage.run_id is null then (
            select format('run %s has deleted it since', max(later.run_id))
            from landfall.changes as later
            where later.entity_id = documents_to_undo.entity_id
              and later.source_key = keys.source_key
              and later.removed
              and later.run_id > documents_to_undo.run_id
            having count(*) > 0
          )
        end
      )
      order by keys.source_key
    )
  )
  from unnest(landfall.keys_to_undo(
    documents_to_undo.run_id, documents_to_undo.entity_id, documents_to_undo.phase, 0,
    documents_to_undo.after, null, most => 500
  )) as keys (source_key)
  left join landfall.lineage
    on lineage.entity_id = documents_to_undo.entity_id
    and lineage.source_key = keys.source_key
  left join landfall.changes
    on changes.run_id = documents_to_undo.run_id
    and changes.entity_id = documents_to_undo.entity_id
    and changes.source_key = keys.source_key
  having count(*) > 0
$$;

comment on function landfall.documents_to_undo is
$$Lists the next documents of an entity that a run wrote, and what is to be done with each when it
is still ours: {entityId, collection, phase, after, reached, force, operations}, each operation
{sourceKey, id, ours, beforeHashes, before, action, left}. Null when none is left.

action is delete, restore, reinsert, or release where there is nothing to do; left says why the
document has to stay, whatever it looks like. before is null where the document was not replaced.$$;


create function landfall.take_rollback(run_id bigint)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
as $$
declare
  v_run  landfall.runs;
  v_next landfall.rollbacks;
  v_undo jsonb;
  v_idle boolean := false;
begin
  perform landfall.lock_run(take_rollback.run_id);
  select runs.* into v_run from landfall.runs where runs.id = take_rollback.run_id;

  if v_run.id is null then
    raise exception using
      errcode = 'LF201',
      message = format('There is no run %s', take_rollback.run_id),
      hint    = 'Call landfall.status() to see the runs there are.';
  end if;

  perform landfall.check_kind(v_run.pipeline, documents => true);

  while v_run.state = 'rolling_back' and v_undo is null loop
    select next.* into v_next from landfall.next_to_undo(v_run.id) as next;

    if v_next.entity_id is null then
      -- what another worker did is being settled
      v_idle := landfall.has_to_undo(v_run.id);
      exit when v_idle;

      perform landfall.end_rollback(v_run.id);
      select runs.* into v_run from landfall.runs where runs.id = v_run.id;
    else
      v_undo := landfall.documents_to_undo(
        v_run.id, v_next.entity_id, v_next.phase, v_next.undone_to,
        (v_run.rollback ->> 'force')::boolean
      );

      if v_undo is null then
        perform landfall.end_pass(v_next, null);
      end if;
    end if;
  end loop;

  return jsonb_build_object(
    'runId', v_run.id, 'state', v_run.state, 'rows', 0, 'idle', v_idle, 'undo', v_undo
  ) || landfall.rollback_progress(v_run.id);
end
$$;

comment on function landfall.take_rollback is
$$Gives a worker the next documents to undo: {runId, state, rows, idle, done, total, undo}, the last
as landfall.documents_to_undo returns it, or null when the roll-back is over.$$;


create function landfall.settle_rollback(
  run_id bigint,
  entity_id int,
  phase text,
  after text,
  reached text,
  outcomes jsonb
)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_deleted  constant text[] := array(
    select jsonb_array_elements_text(settle_rollback.outcomes -> 'deleted')
  );
  v_restored constant text[] := array(
    select jsonb_array_elements_text(settle_rollback.outcomes -> 'restored')
  );
  v_released constant text[] := array(
    select jsonb_array_elements_text(settle_rollback.outcomes -> 'released')
  );
begin
  update landfall.rollbacks
  set
    undone_to = settle_rollback.reached,
    seen = seen + cardinality(v_deleted || v_restored || v_released)
      + jsonb_array_length(settle_rollback.outcomes -> 'left'),
    deleted = deleted + cardinality(v_deleted),
    restored = restored + cardinality(v_restored),
    released = released + cardinality(v_released),
    started_at = coalesce(started_at, clock_timestamp())
  where rollbacks.run_id = settle_rollback.run_id
    and rollbacks.entity_id = settle_rollback.entity_id
    and rollbacks.phase = settle_rollback.phase
    and rollbacks.undone_to is not distinct from settle_rollback.after;

  if not found then
    return false;
  end if;

  perform landfall.restore_lineage(
    settle_rollback.run_id, settle_rollback.entity_id, v_restored
  );

  delete from landfall.lineage
  where lineage.entity_id = settle_rollback.entity_id
    and (
      lineage.source_key = any (v_deleted)
      or lineage.source_key = any (v_released) and lineage.run_id = settle_rollback.run_id
    );

  -- with a run's document go the changes that later runs made upon it
  delete from landfall.changes
  where changes.entity_id = settle_rollback.entity_id
    and changes.run_id >= settle_rollback.run_id
    and changes.source_key = any (v_deleted || v_released);

  insert into landfall.leftovers
    (run_id, entity_id, occasion, source_key, target_key, reason, held)
  select
    settle_rollback.run_id, settle_rollback.entity_id, 'rollback',
    item ->> 'sourceKey', item ->> 'id', item ->> 'reason', false
  from jsonb_array_elements(settle_rollback.outcomes -> 'left') as item
  on conflict on constraint leftovers_pkey do update set reason = excluded.reason;

  return true;
end
$$;

comment on function landfall.settle_rollback is
$$Says what became of documents that were to be undone: {deleted, restored, released, left}, lists
of source keys, the last of {sourceKey, id, reason}. False when another worker was quicker.$$;

select landfall.close_doors();
