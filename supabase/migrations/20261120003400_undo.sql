/*
 * Chapter 34: undo. The rows of some source keys are deleted or put back; where the target raises,
 * they are halved until the row stands alone.
 *
 * Reads  landfall.entities
 * Writes the targets, landfall.lineage, changes, leftovers
 * Holds  a row that cannot be undone is left and listed; it never stops the others
 */

create function landfall.undo_shape(entity_id int)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_entity landfall.entities;
begin
  select entities.* into v_entity from landfall.entities where entities.id = undo_shape.entity_id;

  if to_regclass(v_entity.target) is null then
    raise exception using
      errcode = 'LF106',
      message = format('Entity %s.%s has lost its table', v_entity.pipeline, v_entity.name),
      detail  = format('Its rows stood in %s.', v_entity.target),
      hint    = 'Restore the table, or name the tables to undo without it.';
  end if;

  -- undoing a run needs the table, not the view
  return landfall.entity_shape(
    to_regclass(v_entity.target), to_regclass(v_entity.transform)
  ) || jsonb_build_object('referrers', landfall.referrers(to_regclass(v_entity.target)));
end
$$;

comment on function landfall.undo_shape is
$$Derives what must be known of a target to undo its rows; raises LF106 when it is gone.$$;


create function landfall.restore_rows(run_id bigint, entity_id int, keys text[], force boolean)
  returns jsonb
  language plpgsql
  volatile
  -- definer: only a table's owner can keep its triggers from rewriting the rows that are put back.
  -- It does nothing that service_role may not do to the table itself.
  security definer
  set search_path = ''
  set lock_timeout = '5s'
as $$
declare
  v_shape     jsonb := landfall.undo_shape(restore_rows.entity_id);
  v_target    regclass := (v_shape ->> 'target')::regclass;
  v_trigger   record;
  v_hushed    jsonb := '[]';
  v_restored  text[];
  v_again     text[];
  v_rewritten int;
begin
  if not (
    has_table_privilege('service_role', v_target, 'select')
    and has_table_privilege('service_role', v_target, 'insert')
    and has_table_privilege('service_role', v_target, 'update')
  ) then
    raise exception using
      errcode = 'LF212',
      message = format('service_role may not write %s', v_target),
      hint    = 'Grant it select, insert, update and delete in the migration that makes the table.';
  end if;

  for v_trigger in
    select triggers.tgname as name, triggers.tgenabled as mode
    from pg_catalog.pg_trigger as triggers
    where triggers.tgrelid = v_target
      and not triggers.tgisinternal
      and triggers.tgenabled <> 'D'
      and triggers.tgtype & 3 = 3     -- before each row
      and triggers.tgtype & 20 <> 0   -- of an insert or update
  loop
    begin
      execute format('alter table %s disable trigger %I', v_target, v_trigger.name);
      v_hushed := v_hushed || to_jsonb(v_trigger);
    exception when insufficient_privilege then
      -- another's table: its trigger has its say, and what it rewrites is counted
      null;
    end;
  end loop;

  execute landfall.restore_sql(v_shape)
  into v_restored
  using restore_rows.run_id, restore_rows.entity_id, restore_rows.keys, restore_rows.force;

  execute landfall.reinsert_sql(v_shape)
  into v_again
  using
    restore_rows.run_id, restore_rows.entity_id,
    array(
      select keys.key
      from unnest(restore_rows.keys) as keys (key)
      where keys.key <> all (coalesce(v_restored, '{}'))
    ),
    restore_rows.force;

  v_restored := coalesce(v_restored, '{}') || coalesce(v_again, '{}');

  for v_trigger in
    select * from jsonb_to_recordset(v_hushed) as hushed (name text, mode "char")
  loop
    execute format(
      'alter table %s enable%s trigger %I',
      v_target,
      case v_trigger.mode when 'A' then ' always' when 'R' then ' replica' else '' end,
      v_trigger.name
    );
  end loop;

  execute landfall.rewritten_sql(v_shape)
  into v_rewritten
  using restore_rows.run_id, restore_rows.entity_id, v_restored;

  perform landfall.restore_lineage(restore_rows.run_id, restore_rows.entity_id, v_restored);

  return jsonb_build_object('restored', v_restored, 'rewritten', v_rewritten);
end
$$;

comment on function landfall.restore_rows is
$$Puts back the target rows of some source keys as a run found them, and returns which ones.

The table's own triggers before each row are kept silent meanwhile: a row that is put back equals
its before image, also in a column that a trigger would set anew.$$;


create function landfall.add_undone(one jsonb, other jsonb)
  returns jsonb
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select jsonb_object_agg(
    counts.name, (one ->> counts.name)::bigint + (other ->> counts.name)::bigint
  )
  from unnest(array['deleted', 'restored', 'rewritten', 'released', 'left']) as counts (name)
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
    if landfall.held_sql(undo_keys.shape) is not null then
      execute landfall.held_sql(undo_keys.shape)
      into v_held
      using undo_keys.entity_id, undo_keys.keys;
    end if;

    execute landfall.remove_sql(undo_keys.shape, undo_keys.occasion)
    into v_deleted
    using
      undo_keys.run_id, undo_keys.entity_id,
      array(select unnest(undo_keys.keys) except select unnest(v_held)), undo_keys.force;

    if undo_keys.occasion = 'rollback' then
      v_changed := array(
        select changes.source_key
        from landfall.changes
        where changes.run_id = undo_keys.run_id
          and changes.entity_id = undo_keys.entity_id
          and changes.source_key = any (undo_keys.keys)
      );
    end if;

    if cardinality(v_changed) > 0 then
      v_back := landfall.restore_rows(
        undo_keys.run_id, undo_keys.entity_id, v_changed, undo_keys.force
      );
    end if;
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    v_said := landfall.plain_reason(sqlstate, sqlerrm);
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
    array(
      select unnest(undo_keys.keys)
      except select unnest(v_deleted)
      except select jsonb_array_elements_text(v_back -> 'restored')
    ),
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

select landfall.close_doors();
