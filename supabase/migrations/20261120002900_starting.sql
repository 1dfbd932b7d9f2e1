/*
 * Chapter 29: starting. A run begins with its source bound, its entities in order, and everything
 * it will need looked at.
 *
 * Reads  landfall.pipelines, entities, the transforms (to count)
 * Writes landfall.runs, run_entities, run_keys, run_scopes, legacy_user_map, the staged parts
 * Holds  what is wrong with a run is said before it writes a target
 */

create function landfall.check_sight(entity landfall.entities)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_documents constant boolean := exists (
    select from landfall.collections where collections.entity_id = entity.id
  );
begin
  if to_regclass(entity.transform) is null
    or not v_documents and to_regclass(entity.target) is null
  then
    raise exception using
      errcode = 'LF106',
      message = format('Entity %s.%s has lost its table or view', entity.pipeline, entity.name),
      detail  = format('It is defined from %s to %s.', entity.transform, entity.target),
      hint    = 'Restore it, or define the entity again.';
  end if;

  if not v_documents and pg_catalog.row_security_active(to_regclass(entity.target)) then
    raise exception using
      errcode = 'LF210',
      message = format('Row level security hides rows of %s from %s', entity.target, current_user),
      detail  = 'A row that cannot be seen can neither be checked nor undone.',
      hint    = 'Call as service_role, or as a role with bypassrls.';
  end if;
end
$$;

comment on function landfall.check_sight is
$$Raises LF106 when an entity's table or view is gone, LF210 when its rows cannot all be seen.$$;


create function landfall.check_entities(run_id bigint)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_entity  landfall.entities;
  v_parent  landfall.entities;
  v_scopes  constant text[] := (
    select landfall.scopes_of(runs.options) from landfall.runs where runs.id = check_entities.run_id
  );
  v_there   boolean;
  v_missing text;
  v_tables  constant boolean := not landfall.writes_documents(
    (select runs.pipeline from landfall.runs where runs.id = check_entities.run_id)
  );
begin
  for v_entity in
    select entities.*
    from landfall.run_entities
    join landfall.entities on entities.id = run_entities.entity_id
    where run_entities.run_id = check_entities.run_id
    order by run_entities.place
  loop
    perform landfall.check_sight(v_entity);

    select string_agg(needed.privilege || ' on ' || needed.relation, ', ')
    into v_missing
    from (
      select privilege, v_entity.target as relation
      from unnest(array['select', 'insert', 'update', 'delete']) as privileges (privilege)
      where case when v_tables then not has_table_privilege(v_entity.target, privilege) end

      union all
      select privilege, columns.sequence
      from landfall.columns_of(landfall.find_relation(v_entity.target)) as columns
      cross join unnest(array['usage', 'update']) as privileges (privilege)
      where v_tables
        and columns.sequence is not null
        and not has_sequence_privilege(columns.sequence, privilege)
    ) as needed;

    if v_missing is not null then
      raise exception using
        errcode = 'LF212',
        message = format('%s may not write %s', current_user, v_entity.target),
        detail  = format('It lacks %s.', v_missing),
        hint    = format('Grant it to %s in the migration that makes the table.', current_user);
    end if;

    for v_parent in
      select parents.*
      from landfall.run_entities as mine
      join landfall.entities as parents on parents.id = any (mine.parents)
      where mine.run_id = check_entities.run_id
        and mine.entity_id = v_entity.id
        and not exists (
          select
          from landfall.run_entities
          where run_entities.run_id = check_entities.run_id
            and run_entities.entity_id = parents.id
        )
    loop
      if v_tables then
        execute format('select exists (select from %s)', v_parent.target) into v_there;
      else
        v_there := exists (select from landfall.lineage where lineage.entity_id = v_parent.id);
      end if;

      v_missing := landfall.lacking_scopes(v_parent, v_scopes);

      if not v_there or v_missing is not null then
        raise exception using
          errcode = 'LF205',
          message = format('Cannot migrate %s without %s', v_entity.name, v_parent.name),
          detail  = format('%s references %s, which %s.', v_entity.target, v_parent.target,
            coalesce(
              'has no row yet of source company ' || v_missing,
              'is empty and not part of this run'
            )),
          hint    = format('Add %s to the tables, or migrate it first.', v_parent.name);
      end if;
    end loop;
  end loop;
end
$$;

comment on function landfall.check_entities is
$$Raises LF106, LF205, LF210 or LF212 when an entity of a run cannot be written.$$;


create function landfall.open_run(pipeline text, options jsonb, rehearsal boolean)
  returns bigint
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_some    constant boolean :=
    open_run.options @? '$ ? (@.retryRejects == true || @.resolved == true || @.unlinked == true)';
  v_id      bigint;
  v_active  landfall.runs;
begin
  perform landfall.check_pipeline(open_run.pipeline);
  perform landfall.check_options(open_run.pipeline, open_run.options);
  perform landfall.lock_pipeline(open_run.pipeline, shared => false);

  select runs.*
  into v_active
  from landfall.runs
  join landfall.run_states on run_states.name = runs.state and run_states.active
  where runs.pipeline = open_run.pipeline;

  if v_active.id is not null then
    raise exception using
      errcode = 'LF202',
      message = format(
        'Pipeline %s has an active run already: run %s', open_run.pipeline, v_active.id
      ),
      detail  = 'Two runs of one pipeline at a time would write the same rows.',
      hint    = format(
        case v_active.state
          when 'rolling_back' then 'Continue its roll-back first, with run id %s.'
          else 'Continue it with run id %s, or cancel it: select landfall.cancel_run(%1$s).'
        end,
        v_active.id
      );
  end if;

  perform landfall.bind_source(open_run.pipeline, open_run.options ->> 'source');
  perform landfall.stage_parts(open_run.pipeline);
  perform landfall.use_limits(open_run.options);

  if rehearsal then
    v_id := -pg_catalog.pg_backend_pid();
  else
    perform pg_catalog.pg_advisory_xact_lock(hashtext('landfall.runs'));
    select coalesce(max(runs.id), 0) + 1 into v_id from landfall.runs;
  end if;

  insert into landfall.runs (id, pipeline, options, requested_by)
  values (
    v_id, open_run.pipeline, open_run.options,
    coalesce(open_run.options ->> 'requestedBy', current_user)
  );

  if not v_some then
    update landfall.runs
    set users = landfall.list_users(open_run.pipeline)
    where runs.id = v_id;
  end if;

  insert into landfall.run_entities (run_id, entity_id, place, parents, by_key)
  select v_id, places.entity_id, places.place, places.parents, v_some
  from landfall.entity_order(open_run.pipeline) as places
  join landfall.entities on entities.id = places.entity_id
  where not open_run.options ? 'tables'
    or open_run.options -> 'tables' ? entities.name;

  perform landfall.check_entities(v_id);

  if open_run.options @? '$ ? (@.prune == true || @.unlinked == true)' then
    perform landfall.check_undo(run_entities.entity_id)
    from landfall.run_entities
    where run_entities.run_id = v_id;
  end if;

  insert into landfall.run_keys (run_id, entity_id, source_key)
  select distinct v_id, taken.entity_id, taken.source_key
  from (
    select rejects.entity_id, rejects.source_key
    from landfall.rejects
    where rejects.settled_by is null
      and open_run.options @> '{"retryRejects": true}'

    union all
    select arrivals.entity_id, arrivals.source_key
    from landfall.arrivals
    where open_run.options @> '{"resolved": true}'
  ) as taken
  join landfall.run_entities
    on run_entities.run_id = v_id
    and run_entities.entity_id = taken.entity_id;

  perform landfall.narrow_keys(v_id, run_entities.entity_id)
  from landfall.run_entities
  where run_entities.run_id = v_id and open_run.options ? 'sourceCompany';

  perform landfall.expect_rows(v_id, run_entities.entity_id)
  from landfall.run_entities
  where run_entities.run_id = v_id;

  return v_id;
end
$$;

comment on function landfall.open_run is
$$Makes a run with everything checked, its parts staged and no target written, and returns its id.

A rehearsal gets a negative id of its own and is always rolled back by landfall.dry_run.$$;

select landfall.close_doors();
