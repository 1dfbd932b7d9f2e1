/*
 * Chapter 91: rebuilding. What was dropped to fill a table is built again as it was: when the table
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
  v_error jsonb := '{}';
begin
  if to_regclass(item.target) is null then
    return v_error;
  end if;

  begin
    execute case item.kind
      when 'index' then item.definition
      else format('alter table %s add constraint %I %s', item.target, item.name, item.definition)
    end;
  exception
    when foreign_key_violation then
      execute format(
        'alter table %s add constraint %I %s not valid', item.target, item.name, item.definition
      );

      v_error := jsonb_build_object(
        'code', 'LF304',
        'message', format(
          'Foreign key %s of %s does not hold for every row', item.name, item.target
        ),
        'details', 'While the run filled the table, others wrote it or deleted from its parent.',
        'hint', format(
          'Mend the rows, then: alter table %s validate constraint %I; then resume the run.',
          item.target, item.name
        )
      );
    when others then
      -- neither a full disk nor a timeout: the next call tries again
      if sqlstate !~ '^(22|23|42|54)' then
        raise;
      end if;

      return jsonb_build_object(
        'code', 'LF304',
        'message', format('Cannot build %s %s of %s again', item.kind, item.name, item.target),
        'details', sqlerrm,
        'hint', format(
          'Mend what stands against it, build it by yourself and resume the run: %s',
          item.definition
        )
      );
  end;

  if item.comment is not null and item.kind = 'index' then
    execute format(
      'comment on index %s is %L',
      (
        select indexes.indexrelid::regclass
        from pg_catalog.pg_index as indexes
        where indexes.indrelid = item.target::regclass
          and pg_catalog.pg_get_indexdef(indexes.indexrelid) = item.definition
      ),
      item.comment
    );
  elsif item.comment is not null then
    execute format(
      'comment on constraint %I on %s is %L', item.name, item.target, item.comment
    );
  end if;

  return v_error;
end
$$;

comment on function landfall.build_again is
$$Builds an index or a foreign key as it was, and returns the error when it cannot be: what others
did to the table meanwhile. A key that does not hold is put back all the same, not validated.$$;


create function landfall.rebuild_next(run_id bigint, entity_id int, waits boolean default false)
  returns jsonb
  language plpgsql
  volatile
  -- definer: only the owner of a table may build what is on it, and write down that it is built
  security definer
  set search_path = ''
as $$
declare
  v_item landfall.rebuilds;
begin
  loop
    -- indexes of one table are built side by side; a key takes its table for itself, when they are
    select rebuilds.*
    into v_item
    from landfall.rebuilds
    where rebuilds.run_id = rebuild_next.run_id
      and rebuilds.entity_id = rebuild_next.entity_id
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

    exit when v_item.nth is not null or not rebuild_next.waits;

    -- another worker builds what is left
    perform
    from landfall.rebuilds
    where rebuilds.run_id = rebuild_next.run_id and rebuilds.entity_id = rebuild_next.entity_id
    for update;

    exit when not found;
  end loop;

  if v_item.nth is null then
    return null;
  end if;

  delete from landfall.rebuilds
  where rebuilds.run_id = v_item.run_id
    and rebuilds.entity_id = v_item.entity_id
    and rebuilds.nth = v_item.nth;

  return landfall.build_again(v_item);
end
$$;

comment on function landfall.rebuild_next is
$$Builds one thing that an entity is lacking; returns {}, or the error, or null where nothing is
left that another worker does not build. With waits, null says that nothing is left at all.$$;


create function landfall.rebuild_all(run_id bigint)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity int;
  v_built  jsonb;
  v_error  jsonb;
begin
  for v_entity in
    select distinct rebuilds.entity_id
    from landfall.rebuilds
    where rebuilds.run_id = rebuild_all.run_id
    order by rebuilds.entity_id
  loop
    loop
      v_built := landfall.rebuild_next(rebuild_all.run_id, v_entity, waits => true);
      exit when v_built is null;
      v_error := coalesce(v_error, nullif(v_built, '{}'));
    end loop;
  end loop;

  return v_error;
end
$$;

comment on function landfall.rebuild_all is
$$Builds all that a run's tables are lacking, and returns the first error: whoever stops a run
leaves them whole.$$;


create function landfall.rebuild_step(run_id bigint, entity_id int)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_built jsonb := landfall.rebuild_next(rebuild_step.run_id, rebuild_step.entity_id);
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
    for update skip locked;

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
