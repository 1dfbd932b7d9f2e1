/*
 * Chapter 38: undo. The rows of some source keys are deleted or put back; where the target raises,
 * they are halved until the row stands alone.
 *
 * Reads  landfall.lineage, changes
 * Writes the targets, landfall.lineage, changes, leftovers, rejects, deferred
 * Holds  a row that cannot be undone is left and listed; it never stops the others
 */

create function landfall.lock_sql(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      $sql$
  select count(*)
  from (
    select
    from %1$s as stored_
    join landfall.lineage on %2$s
    where lineage.entity_id = $1
      and lineage.source_key = any ($2)
    for update of stored_
  ) as locked$sql$,
      lock_sql.shape ->> 'target',
      landfall.same_target_sql(lock_sql.shape, 'stored_', 'lineage.target_key')
    )
  );
end
$$;

comment on function landfall.lock_sql is
$$Writes the query that locks target rows against new rows that refer to them: Postgres would not
look again before it deletes these with them.$$;


create function landfall.add_undone(one jsonb, other jsonb)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select jsonb_object_agg(
      counts.name, (one ->> counts.name)::bigint + (other ->> counts.name)::bigint
    )
    from unnest(array['deleted', 'restored', 'rewritten', 'released', 'left']) as counts (name)
  );
end
$$;

comment on function landfall.add_undone is
$$Adds the counts of two parts of an undo.$$;


create function landfall.undo_keys(
  run_id bigint,
  entity_id int,
  shape jsonb,
  keys text[],
  force boolean,
  occasion text
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_middle  int := cardinality(undo_keys.keys) / 2;
  v_held    text[];
  v_deleted text[];
  v_changed text[] := '{}';
  v_back    jsonb := '{"restored": [], "rewritten": 0}';
  v_said    text;
  v_context text;
begin
  begin
    if undo_keys.shape -> 'referrers' @> '[{"follows": true}]' then
      execute landfall.lock_sql(undo_keys.shape) using undo_keys.entity_id, undo_keys.keys;
    end if;

    if landfall.held_sql(undo_keys.shape, undo_keys.occasion) is not null then
      execute landfall.held_sql(undo_keys.shape, undo_keys.occasion)
      into v_held
      using undo_keys.run_id, undo_keys.entity_id, undo_keys.keys, undo_keys.force;
    end if;

    execute landfall.remove_sql(undo_keys.shape, undo_keys.occasion)
    into v_deleted
    using
      undo_keys.run_id, undo_keys.entity_id,
      case
        when v_held is null then undo_keys.keys
        else array(select unnest(undo_keys.keys) except select unnest(v_held) order by 1)
      end,
      undo_keys.force;

    if undo_keys.occasion = 'rollback'
      and coalesce(cardinality(v_deleted), 0) < cardinality(undo_keys.keys)
    then
      v_changed := array(
        select changes.source_key
        from landfall.changes
        where changes.run_id = undo_keys.run_id
          and changes.entity_id = undo_keys.entity_id
          and changes.source_key = any (undo_keys.keys)
      );
    end if;

    if cardinality(v_changed) > 0 then
      v_back := case
        when undo_keys.shape -> 'silenced' = '[]'
          then landfall.put_back(run_id, entity_id, shape, v_changed, force)
        else landfall.put_back_silently(run_id, entity_id, v_changed, force)
      end;
    end if;
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    v_said := landfall.describe_fault(shape, sqlstate, sqlerrm) -> 'reasons' ->> 0;
    v_deleted := null;
  end;

  if v_said is not null and v_middle > 0 then
    return landfall.add_undone(
      landfall.undo_keys(run_id, entity_id, shape, undo_keys.keys[:v_middle], force, occasion),
      landfall.undo_keys(run_id, entity_id, shape, undo_keys.keys[v_middle + 1:], force, occasion)
    );
  end if;

  return landfall.settle_left(
    run_id, entity_id, shape,
    case
      when cardinality(v_deleted) = cardinality(undo_keys.keys) then '{}'
      else array(
        select unnest(undo_keys.keys)
        except select unnest(v_deleted)
        except select jsonb_array_elements_text(v_back -> 'restored')
      )
    end,
    force, occasion, v_said
  ) || jsonb_build_object(
    'deleted', coalesce(cardinality(v_deleted), 0),
    'restored', jsonb_array_length(v_back -> 'restored'),
    'rewritten', v_back -> 'rewritten'
  );
end
$$;

comment on function landfall.undo_keys is
$$Undoes what run $1 did to the rows of some source keys, or when the occasion is "prune" deletes
them; force undoes changes made since, too.

Returns how many rows were {deleted, restored, rewritten, released, left}; those left are listed in
landfall.leftovers. What the target raises is a reason to leave a row, never a failure.$$;


create function landfall.reopen(run_id bigint, entity_id int, scopes text[])
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  update landfall.rejects
  set settled_by = reopen.run_id
  where rejects.run_id = reopen.run_id
    and rejects.entity_id = reopen.entity_id
    and (reopen.scopes is null or rejects.scope_key = any (reopen.scopes))
    and rejects.settled_by is null;

  delete from landfall.deferred
  where deferred.entity_id = reopen.entity_id
    and deferred.run_id = reopen.run_id
    and (reopen.scopes is null or deferred.scope_key = any (reopen.scopes));

  -- what this run had settled is open again, unless a run has an answer to it still
  update landfall.rejects
  set settled_by = null
  where rejects.entity_id = reopen.entity_id
    and rejects.settled_by = reopen.run_id
    and rejects.run_id <> reopen.run_id
    and not exists (
      select
      from landfall.lineage
      where lineage.entity_id = rejects.entity_id and lineage.source_key = rejects.source_key
    )
    and (reopen.scopes is null or not exists (
      select
      from landfall.rejects as later
      where later.run_id = reopen.run_id
        and later.entity_id = rejects.entity_id
        and later.source_key = rejects.source_key
        and later.settled_by is null
    ));

  update landfall.deferred
  set settled_by = null
  where deferred.entity_id = reopen.entity_id
    and deferred.settled_by = reopen.run_id
    and deferred.run_id <> reopen.run_id
    and not exists (
      select
      from landfall.lineage
      where lineage.entity_id = deferred.entity_id and lineage.source_key = deferred.source_key
    );
end
$$;

comment on function landfall.reopen is
$$Gives back what a run had settled for an entity: rejects and waiting rows of earlier runs. Its own
rejects stay on record, settled by itself; its own waiting rows go. scopes: only these tenants'.$$;

select landfall.close_doors();
