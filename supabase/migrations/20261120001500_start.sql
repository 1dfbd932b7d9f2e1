/*
 * Chapter 15: start. A run begins with its options checked, its source bound, its entities in
 * order.
 *
 * Reads  landfall.pipelines, entities, the transforms (to count)
 * Writes landfall.runs, run_entities, run_keys; the source view of a pipeline that binds one
 * Holds  what is wrong with a run is said before it writes
 */

create function landfall.bind_source(pipeline text, source text default null)
  returns text
  language plpgsql
  volatile
  -- definer: the source view belongs to the owner of the migrations, and only its owner may
  -- replace it. The view itself reads with its caller's rights.
  security definer
  set search_path = ''
as $$
declare
  v_pipeline landfall.pipelines;
  v_staging  regclass := to_regclass(format('staging.%I', bind_source.pipeline || '_store'));
  v_filled   boolean := false;
  v_found    regclass[];
  v_chosen   regclass;
  v_columns  text;
begin
  select pipelines.*
  into v_pipeline
  from landfall.pipelines
  where pipelines.name = bind_source.pipeline;

  if v_pipeline.source_pattern is null then
    if bind_source.source is not null then
      raise exception using
        errcode = 'LF203',
        message = format('Pipeline %s does not take a source', bind_source.pipeline),
        detail  = 'Its transforms name the tables they read.',
        hint    = 'Leave the option source out.';
    end if;

    return null;
  end if;

  if v_staging is not null then
    execute format('select exists (select from %s)', v_staging) into v_filled;
  end if;

  v_found := array(
    select relations.oid::regclass
    from pg_catalog.pg_class as relations
    where relations.relnamespace = 'public'::regnamespace
      and relations.relkind in ('r', 'p', 'v', 'm', 'f')
      and relations.relname ~ v_pipeline.source_pattern
    order by relations.relname
  ) || case when v_filled then v_staging end;
  v_found := array_remove(v_found, null);

  v_chosen := case
    when bind_source.source is not null then to_regclass(bind_source.source)
    when cardinality(v_found) = 1 then v_found[1]
  end;

  if bind_source.source is null and cardinality(v_found) = 0 then
    raise exception using
      errcode = 'LF207',
      message = format('Pipeline %s finds no store to read', bind_source.pipeline),
      detail  = format('No table in public matches %s, and %s is empty.',
        v_pipeline.source_pattern, coalesce(v_staging::text, 'its staging table')),
      hint    = 'Name the table with the option source, or import a file into staging.';
  end if;

  if bind_source.source is null and cardinality(v_found) > 1 then
    raise exception using
      errcode = 'LF208',
      message = format('Pipeline %s finds %s stores', bind_source.pipeline, cardinality(v_found)),
      detail  = array_to_string(v_found, ', '),
      hint    = 'Name one of them with the option source.';
  end if;

  if v_chosen is null
    or split_part(v_chosen::text, '.', 1) not in ('public', 'staging')
    or not has_table_privilege('service_role', v_chosen, 'select')
  then
    raise exception using
      errcode = 'LF209',
      message = format('Pipeline %s cannot read %s', bind_source.pipeline,
        coalesce(v_chosen::text, bind_source.source)),
      detail  = case
        when v_chosen is null then 'There is no such table.'
        when split_part(v_chosen::text, '.', 1) in ('public', 'staging')
          then 'The role service_role may not select from it.'
        else 'A source is a table or view in schema public or staging.'
      end,
      hint    = case
        when cardinality(v_found) > 0
          then format('Found: %s.', array_to_string(v_found, ', '))
        else format('Grant select on it to service_role, or name another table.')
      end;
  end if;

  select string_agg(
    format('%I::%s', columns.name, columns.type), ', ' order by columns.position
  )
  into v_columns
  from landfall.target_columns as columns
  where columns.relation = to_regclass(v_pipeline.source);

  begin
    execute format(
      'create or replace view %s with (security_invoker = true) as select %s from %s',
      v_pipeline.source,   -- a view, quoted by Postgres
      v_columns,           -- quoted above with %I
      v_chosen             -- regclass, quoted by Postgres
    );
  exception when undefined_column or cannot_coerce or invalid_table_definition then
    raise exception using
      errcode = 'LF209',
      message = format('Pipeline %s cannot read %s', bind_source.pipeline, v_chosen),
      detail  = sqlerrm,
      hint    = format('A source has these columns: %s.', v_columns);
  end;

  return v_chosen::text;
end
$$;

comment on function landfall.bind_source is
$$Points a pipeline's source view at the table to read, and returns its name.

Without a name it takes the one table in public that matches the pipeline's pattern, or the
staging table when a file was imported there. Raises LF207 when there is none, LF208 when
there are several, LF209 when the one named cannot be read.$$;


create function landfall.check_options(pipeline text, options jsonb)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  c_known constant jsonb := '{
    "batchSize": "a whole number from 1 to 100000",
    "workers": "a whole number from 1 to 16",
    "tables": "a list of entities",
    "limit": "a whole number above 0",
    "skipValidation": "true or false",
    "onExisting": "reject, keep or update",
    "maxRejects": "a number of rows, or a share such as 2%",
    "retryRejects": "true or false",
    "pauseMs": "a whole number from 0 to 60000",
    "source": "the name of a table",
    "ruleActions": "an object of rules and actions: reject, finding or off",
    "requestedBy": "a name"
  }';
  v_name    text;
  v_value   jsonb;
  v_text    text;
  v_valid   boolean;
  v_entity  text;
begin
  for v_name, v_value in select * from jsonb_each(check_options.options) loop
    v_text := v_value #>> '{}';
    v_valid := case
      when v_name in ('batchSize', 'workers', 'limit', 'pauseMs') then
        jsonb_typeof(v_value) = 'number'
        and v_text::numeric between case v_name when 'pauseMs' then 0 else 1 end
          and case v_name
            when 'batchSize' then 100000
            when 'workers' then 16
            when 'limit' then 9e15
            else 60000
          end
        and v_text::numeric % 1 = 0
      when v_name in ('skipValidation', 'retryRejects') then jsonb_typeof(v_value) = 'boolean'
      when v_name = 'onExisting' then v_text in ('reject', 'keep', 'update')
      when v_name = 'maxRejects' then v_text ~ '^([0-9]{1,18}|[0-9]{1,2}(\.[0-9]+)?%|100%)$'
      when v_name in ('source', 'requestedBy') then jsonb_typeof(v_value) = 'string'
      when v_name = 'tables' then
        jsonb_typeof(v_value) = 'array' and not v_value @? '$[*] ? (@.type() != "string")'
        and v_value <> '[]'
      when v_name = 'ruleActions' then
        jsonb_typeof(v_value) = 'object'
        and not v_value @? '$.* ? (@ != "reject" && @ != "finding" && @ != "off")'
    end;

    if v_valid is not true then
      raise exception using
        errcode = 'LF203',
        message = case
          when c_known ? v_name then format('Option %s cannot be %s', v_name, v_value)
          else format('There is no option %s', v_name)
        end,
        detail  = coalesce(
          format('It takes %s.', c_known ->> v_name),
          format('The options are %s.', (select string_agg(name, ', ') from jsonb_object_keys(c_known) as names (name)))
        ),
        hint    = 'Mend the option and call again; nothing was started.';
    end if;
  end loop;

  for v_entity in
    select jsonb_array_elements_text(check_options.options -> 'tables')
    except
    select entities.name from landfall.entities where entities.pipeline = check_options.pipeline
  loop
    raise exception using
      errcode = 'LF204',
      message = format('Pipeline %s has no table %s', check_options.pipeline, v_entity),
      detail  = (
        select format('Its tables are %s.', string_agg(entities.name, ', ' order by places.place))
        from landfall.entity_order(check_options.pipeline) as places
        join landfall.entities on entities.id = places.entity_id
      ),
      hint    = 'Name one of these.';
  end loop;

  for v_name in
    select jsonb_object_keys(check_options.options -> 'ruleActions')
    except
    select rules.name
    from landfall.rules
    join landfall.entities on entities.id = rules.entity_id
    where entities.pipeline = check_options.pipeline
  loop
    raise exception using
      errcode = 'LF203',
      message = format('Pipeline %s has no rule %s', check_options.pipeline, v_name),
      hint    = 'Name a rule that landfall.rules lists.';
  end loop;
end
$$;

comment on function landfall.check_options is
$$Raises LF203 or LF204 when an option of a run is unknown or out of range.$$;


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
  v_there   boolean;
begin
  for v_entity in
    select entities.*
    from landfall.run_entities
    join landfall.entities on entities.id = run_entities.entity_id
    where run_entities.run_id = check_entities.run_id
    order by run_entities.place
  loop
    if to_regclass(v_entity.target) is null or to_regclass(v_entity.transform) is null then
      raise exception using
        errcode = 'LF106',
        message = format('Entity %s.%s has lost its table or view', v_entity.pipeline, v_entity.name),
        detail  = format('It is defined from %s to %s.', v_entity.transform, v_entity.target),
        hint    = 'Restore it, or define the entity again.';
    end if;

    if pg_catalog.row_security_active(to_regclass(v_entity.target)) then
      raise exception using
        errcode = 'LF210',
        message = format('Row level security hides rows of %s from %s', v_entity.target, current_user),
        detail  = 'A row that cannot be seen can neither be checked nor undone.',
        hint    = 'Call as service_role, or as a role with bypassrls.';
    end if;

    for v_parent in
      select parents.*
      from landfall.entity_parents
      join landfall.entities as parents on parents.id = entity_parents.parent_id
      where entity_parents.child_id = v_entity.id
        and not exists (
          select
          from landfall.run_entities
          where run_entities.run_id = check_entities.run_id
            and run_entities.entity_id = parents.id
        )
    loop
      execute format('select exists (select from %s)', v_parent.target) into v_there;

      if not v_there then
        raise exception using
          errcode = 'LF205',
          message = format('Cannot migrate %s without %s', v_entity.name, v_parent.name),
          detail  = format('%s references %s, which is empty and not part of this run.',
            v_entity.target, v_parent.target),
          hint    = format('Add %s to the tables, or migrate it first.', v_parent.name);
      end if;
    end loop;
  end loop;
end
$$;

comment on function landfall.check_entities is
$$Raises LF106, LF205 or LF210 when an entity of a run cannot be written.$$;


create function landfall.open_run(pipeline text, options jsonb, rehearsal boolean)
  returns bigint
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_retry   constant boolean :=
    coalesce((open_run.options ->> 'retryRejects')::boolean, false);
  v_id      bigint;
  v_active  bigint;
  v_entity  record;
  v_rows    bigint;
begin
  if not exists (select from landfall.pipelines where pipelines.name = open_run.pipeline) then
    raise exception using
      errcode = 'LF101',
      message = format('There is no pipeline %s', coalesce(open_run.pipeline, '(null)')),
      detail  = coalesce(
        (select format('There are %s.', string_agg(name, ', ' order by name)) from landfall.pipelines),
        'None is defined.'
      ),
      hint    = 'Name one of these.';
  end if;

  perform landfall.check_options(open_run.pipeline, open_run.options);
  perform landfall.lock_pipeline(open_run.pipeline, shared => false);

  select runs.id
  into v_active
  from landfall.runs
  join landfall.run_states on run_states.name = runs.state and run_states.active
  where runs.pipeline = open_run.pipeline;

  if v_active is not null then
    raise exception using
      errcode = 'LF202',
      message = format('Pipeline %s has an active run already: run %s', open_run.pipeline, v_active),
      detail  = 'Two runs of one pipeline at a time would write the same rows.',
      hint    = format('Continue it with run id %s, or cancel it: select landfall.cancel_run(%s).',
        v_active, v_active);
  end if;

  perform landfall.bind_source(open_run.pipeline, open_run.options ->> 'source');

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

  insert into landfall.run_entities (run_id, entity_id, place, by_key)
  select v_id, places.entity_id, places.place, v_retry
  from landfall.entity_order(open_run.pipeline) as places
  join landfall.entities on entities.id = places.entity_id
  where not open_run.options ? 'tables'
    or open_run.options -> 'tables' ? entities.name;

  perform landfall.check_entities(v_id);

  if v_retry then
    insert into landfall.run_keys (run_id, entity_id, source_key)
    select distinct v_id, rejects.entity_id, rejects.source_key
    from landfall.rejects
    join landfall.run_entities
      on run_entities.run_id = v_id
      and run_entities.entity_id = rejects.entity_id
    where rejects.settled_by is null;
  end if;

  for v_entity in
    select run_entities.entity_id, entities.transform
    from landfall.run_entities
    join landfall.entities on entities.id = run_entities.entity_id
    where run_entities.run_id = v_id
  loop
    if v_retry then
      select count(*)
      into v_rows
      from landfall.run_keys
      where run_keys.run_id = v_id and run_keys.entity_id = v_entity.entity_id;
    else
      execute format('select count(*) from %s', v_entity.transform) into v_rows;
    end if;

    update landfall.run_entities
    set expected_rows = least(v_rows, (open_run.options ->> 'limit')::bigint)
    where run_entities.run_id = v_id
      and run_entities.entity_id = v_entity.entity_id;
  end loop;

  return v_id;
end
$$;

comment on function landfall.open_run is
$$Makes a run with everything checked and nothing written, and returns its id.

A rehearsal gets a negative id of its own and is always rolled back by landfall.dry_run.$$;

select landfall.close_doors();
