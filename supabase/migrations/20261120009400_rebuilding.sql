/*
 * Chapter 94: rebuilding. What was dropped to fill a table is built again as it was: when the table
 * is full, and whenever the run rests or ends before.
 *
 * Reads  landfall.rebuilds
 * Writes the same, the targets' indexes and foreign keys, landfall.run_entities
 * Holds  in one transaction a thing is built and taken from landfall.rebuilds
 */

create function landfall.build_again(item landfall.rebuilds)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_target constant regclass := to_regclass(item.target);
  v_index  regclass;
begin
  -- a table that is gone lacks nothing
  if v_target is null then
    return '{}';
  end if;

  if item.kind = 'index' then
    -- somebody may have built it by hand
    if not exists (
      select
      from pg_catalog.pg_index as indexes
      where indexes.indrelid = v_target
        and indexes.indisvalid
        and pg_catalog.pg_get_indexdef(indexes.indexrelid) = item.definition
    ) then
      execute item.definition;
    end if;

    select indexes.indexrelid
    into v_index
    from pg_catalog.pg_index as indexes
    where indexes.indrelid = v_target
      and pg_catalog.pg_get_indexdef(indexes.indexrelid) = item.definition;

    if item.comment is not null then
      execute format('comment on index %s is %L', v_index, item.comment);
    end if;

    return '{}';
  end if;

  if not exists (
    select
    from pg_catalog.pg_constraint as keys
    where keys.conrelid = v_target
      and keys.conname = item.name
      and pg_catalog.pg_get_constraintdef(keys.oid)
        in (item.definition, item.definition || ' NOT VALID')
  ) then
    execute format(
      'alter table %s add constraint %I %s not valid', v_target, item.name, item.definition
    );
  end if;

  if item.comment is not null then
    execute format('comment on constraint %I on %s is %L', item.name, v_target, item.comment);
  end if;

  begin
    execute format('alter table %s validate constraint %I', v_target, item.name);
  exception when foreign_key_violation then
    return jsonb_build_object(
      'code', 'LF304',
      'message', format('Foreign key %s of %s does not hold for every row', item.name, v_target),
      'details', 'While the run filled the table, others wrote it or deleted from its parent. '
        'The key is there for what is written from now on, and not validated.',
      'hint', 'Mend the rows and resume the run: it validates the key.'
    );
  end;

  return '{}';
exception when others then
  -- neither a full disk nor a timeout: the next call tries again
  if sqlstate !~ '^(22|23|42|54)' then
    raise;
  end if;

  return jsonb_build_object(
    'code', 'LF304',
    'message', format('Cannot build %s %s of %s again', item.kind, item.name, v_target),
    'details', sqlerrm,
    'hint', 'Mend what stands against it and resume the run: it tries again. landfall.rebuilds '
      'has the definition; who deletes it there gives it up.'
  );
end
$$;

comment on function landfall.build_again is
$$Builds an index or a foreign key as it was, and returns the error when it cannot be: what others
did to the table meanwhile. A key that does not hold is put back all the same, not validated.$$;


create function landfall.rebuild_item(run_id bigint, entity_id int, nth int default null)
  returns jsonb
  language plpgsql
  volatile
  -- definer: only the owner of a table may build what is on it, and write down that it is built
  security definer
  set search_path = ''
as $$
declare
  v_item  landfall.rebuilds;
  v_error jsonb;
begin
  if rebuild_item.nth is not null then
    select rebuilds.*
    into v_item
    from landfall.rebuilds
    where rebuilds.run_id = rebuild_item.run_id
      and rebuilds.entity_id = rebuild_item.entity_id
      and rebuilds.nth = rebuild_item.nth
    for update;
  else
    -- indexes of one table are built side by side; a key takes its table for itself, when they are
    select rebuilds.*
    into v_item
    from landfall.rebuilds
    where rebuilds.run_id = rebuild_item.run_id
      and rebuilds.entity_id = rebuild_item.entity_id
      and (
        rebuilds.kind = 'index'
        or not exists (
          select
          from landfall.rebuilds as others
          where others.run_id = rebuilds.run_id
            and others.entity_id = rebuilds.entity_id
            and others.kind = 'index'
        )
      )
    order by rebuilds.nth
    limit 1
    for update skip locked;
  end if;

  if v_item.nth is null then
    return null;
  end if;

  v_error := landfall.build_again(v_item);

  if v_error = '{}' then
    delete from landfall.rebuilds
    where rebuilds.run_id = v_item.run_id
      and rebuilds.entity_id = v_item.entity_id
      and rebuilds.nth = v_item.nth;
  end if;

  return v_error;
end
$$;

comment on function landfall.rebuild_item is
$$Builds one thing that an entity is lacking, or the next that no other worker builds; returns {},
or the error, whereupon it stays in landfall.rebuilds, or null where there is nothing to build.$$;


create function landfall.rebuild_all(run_id bigint)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_item  record;
  v_built jsonb;
  v_error jsonb;
begin
  for v_item in
    select rebuilds.entity_id, rebuilds.nth
    from landfall.rebuilds
    where rebuilds.run_id = rebuild_all.run_id
    order by rebuilds.entity_id, rebuilds.nth
  loop
    v_built := landfall.rebuild_item(rebuild_all.run_id, v_item.entity_id, v_item.nth);
    v_error := coalesce(v_error, nullif(v_built, '{}'));
  end loop;

  return v_error;
end
$$;

comment on function landfall.rebuild_all is
$$Builds all that a run's tables are lacking, and returns the first error: whoever stops a run
leaves them whole. What cannot be built stays in landfall.rebuilds.$$;


create function landfall.rebuild_step(run_id bigint, entity_id int)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_built jsonb := landfall.rebuild_item(rebuild_step.run_id, rebuild_step.entity_id);
begin
  if v_built is null and not exists (
    select
    from landfall.rebuilds
    where rebuilds.run_id = rebuild_step.run_id and rebuilds.entity_id = rebuild_step.entity_id
  ) then
    perform
    from landfall.run_entities
    where run_entities.run_id = rebuild_step.run_id
      and run_entities.entity_id = rebuild_step.entity_id
      and run_entities.state = 'building'
    for no key update skip locked;

    if found then
      perform landfall.close_entity(rebuild_step.run_id, rebuild_step.entity_id);
    end if;

    return found;
  end if;

  if v_built <> '{}' then
    perform landfall.move_run(rebuild_step.run_id, 'failed', v_built);
  end if;

  return v_built is not null;
end
$$;

comment on function landfall.rebuild_step is
$$Builds one thing that a full table is lacking, or closes its entity when nothing is; false when
another worker is at it.$$;

select landfall.close_doors();
