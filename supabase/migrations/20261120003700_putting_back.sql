/*
 * Chapter 37: putting back. Target rows are restored or inserted again as they were, without the
 * table's own triggers, and become what they were in lineage too.
 *
 * Reads  landfall.entities, changes
 * Writes the targets, landfall.lineage, changes
 * Holds  what is put back equals the before image, or is counted as rewritten by a trigger
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

  return landfall.target_shape(to_regclass(v_entity.target)) || jsonb_build_object(
    'referrers', landfall.referrers(to_regclass(v_entity.target)),
    'secretFields', v_entity.secret_fields,
    'silenced', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'table', triggers.tgrelid::regclass,
            'name', triggers.tgname,
            'mode', triggers.tgenabled
          )
          order by triggers.tgrelid, triggers.tgname
        ),
        '[]'
      )
      from pg_catalog.pg_trigger as triggers
      join pg_catalog.pg_class as tables on tables.oid = triggers.tgrelid
      join pg_catalog.pg_namespace as engine on engine.nspname = 'landfall'
      where not triggers.tgisinternal
        and triggers.tgenabled <> 'D'
        and triggers.tgtype & 3 = 3     -- before each row
        and triggers.tgtype & 20 <> 0   -- of an insert or update
        -- another's table: its trigger has its say, and what it rewrites is counted
        and pg_has_role(engine.nspowner, tables.relowner, 'usage')
        and (
          tables.oid = to_regclass(v_entity.target)
          or tables.oid in (
            select relid from pg_catalog.pg_partition_tree(to_regclass(v_entity.target))
          )
        )
    )
  );
end
$$;

comment on function landfall.undo_shape is
$$Derives what must be known of a target to undo its rows; raises LF106 when it is gone.

silenced lists the triggers that would rewrite what is put back.$$;


create function landfall.check_undo(entity_id int)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_shape    jsonb;
  v_referrer text;
begin
  -- Postgres knows of nobody who refers to a document
  if landfall.document_shape(check_undo.entity_id) is not null then
    return;
  end if;

  v_shape := landfall.undo_shape(check_undo.entity_id);

  for v_referrer in
    select referrers.item ->> 'relation'
    from jsonb_array_elements(v_shape -> 'referrers') as referrers (item)
    join pg_catalog.pg_class as tables on tables.oid = (referrers.item ->> 'oid')::oid
    where not has_table_privilege(tables.oid, 'select')
      or not has_schema_privilege(tables.relnamespace, 'usage')
    limit 1
  loop
    raise exception using
      errcode = 'LF212',
      message = format('%s may not read %s', current_user, v_referrer),
      detail  = format('It refers to %s: rows it needs must stay.', v_shape ->> 'target'),
      hint    = format('grant select on %s to %I, and usage on its schema.',
        v_referrer, current_user);
  end loop;
end
$$;

comment on function landfall.check_undo is
$$Raises LF106 when an entity's target is gone, LF212 when a table that refers to it cannot be
read.$$;


create function landfall.put_back(
  run_id bigint,
  entity_id int,
  shape jsonb,
  keys text[],
  force boolean
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_restored  text[];
  v_left      text[];
  v_again     text[];
  v_rewritten text[];
begin
  execute landfall.restore_sql(put_back.shape)
  into v_restored
  using put_back.run_id, put_back.entity_id, put_back.keys, put_back.force;

  v_left := array(select unnest(put_back.keys) except select unnest(v_restored));

  if cardinality(v_left) > 0 then
    execute landfall.reinsert_sql(
      put_back.shape || jsonb_build_object('stored', (
        select jsonb_agg(columns.item order by columns.nth)
        from jsonb_array_elements(put_back.shape -> 'stored')
          with ordinality as columns (item, nth)
        -- a column that the table has gained since takes its default
        where exists (
          select
          from landfall.changes
          where changes.run_id = put_back.run_id
            and changes.entity_id = put_back.entity_id
            and changes.source_key = any (v_left)
            and changes.before_image ? (columns.item ->> 'name')
        )
      ))
    )
    into v_again
    using put_back.run_id, put_back.entity_id, v_left, put_back.force;
  end if;

  v_restored := coalesce(v_restored, '{}') || coalesce(v_again, '{}');

  execute landfall.rewritten_sql(put_back.shape)
  into v_rewritten
  using put_back.run_id, put_back.entity_id, v_restored;

  perform landfall.restore_lineage(put_back.run_id, put_back.entity_id, v_restored);

  -- what a trigger made of a row is not a change since
  execute landfall.rehash_sql(put_back.shape) using put_back.entity_id, v_rewritten;

  return jsonb_build_object(
    'restored', v_restored,
    'rewritten', coalesce(cardinality(v_rewritten), 0)
  );
end
$$;

comment on function landfall.put_back is
$$Puts back the target rows of some source keys as a run found them, and returns which ones.$$;


create function landfall.put_back_silently(
  run_id bigint,
  entity_id int,
  keys text[],
  force boolean
)
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
  v_shape   constant jsonb := landfall.undo_shape(put_back_silently.entity_id);
  v_target  constant regclass := (v_shape ->> 'target')::regclass;
  v_trigger jsonb;
  v_undone  jsonb;
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

  for v_trigger in select jsonb_array_elements(v_shape -> 'silenced') loop
    execute format(
      'alter table only %s disable trigger %I',
      v_trigger ->> 'table',   -- a table, quoted by Postgres
      v_trigger ->> 'name'
    );
  end loop;

  v_undone := landfall.put_back(run_id, entity_id, v_shape, keys, force);

  for v_trigger in select jsonb_array_elements(v_shape -> 'silenced') loop
    execute format(
      'alter table only %s enable%s trigger %I',
      v_trigger ->> 'table',   -- a table, quoted by Postgres
      case v_trigger ->> 'mode' when 'A' then ' always' when 'R' then ' replica' end,
      v_trigger ->> 'name'
    );
  end loop;

  return v_undone;
end
$$;

comment on function landfall.put_back_silently is
$$Does what landfall.put_back does, and keeps the table's own triggers before each row silent: a
row that is put back equals its before image, also in a column that a trigger would set anew.$$;

select landfall.close_doors();
