/*
 * Chapter 28: options. What a run can be told, checked before it begins.
 *
 * Reads  landfall.entities, rules
 * Writes nothing
 * Holds  an option that is unknown or out of range stops the run, with what it may be
 */

create function landfall.check_pipeline(pipeline text)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  if not exists (select from landfall.pipelines where pipelines.name = check_pipeline.pipeline) then
    raise exception using
      errcode = 'LF101',
      message = format('There is no pipeline %s', coalesce(check_pipeline.pipeline, '(null)')),
      detail  = coalesce(
        (
          select format('There are %s.', string_agg(pipelines.name, ', ' order by pipelines.name))
          from landfall.pipelines
          having count(*) > 0
        ),
        'None is defined.'
      ),
      hint    = 'Name one of these.';
  end if;
end
$$;

comment on function landfall.check_pipeline is
$$Raises LF101 when there is no such pipeline.$$;


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
    "resolved": "true or false",
    "unlinked": "true or false",
    "prune": "true or false",
    "keepIndexes": "true or false",
    "pauseMs": "a whole number from 0 to 60000",
    "source": "the name of a table",
    "ruleActions": "an object of rules and actions: reject, finding or off",
    "requestedBy": "a name",
    "sourceCompany": "a list of companies of the source, at most 1000",
    "maxChildren": "a whole number from 0 to 100000, where rows become documents"
  }';
  v_name    text;
  v_value   jsonb;
  v_text    text;
  v_valid   boolean;
  v_entity  text;
begin
  if jsonb_typeof(check_options.options) is distinct from 'object' then
    raise exception using
      errcode = 'LF203',
      message = format('Options cannot be %s', coalesce(check_options.options::text, 'null')),
      detail  = 'Options are a JSON object.',
      hint    = 'Pass {} for a run with none.';
  end if;

  for v_name, v_value in select * from jsonb_each(check_options.options) loop
    v_text := v_value #>> '{}';
    v_valid := case
      when v_name in ('batchSize', 'workers', 'limit', 'pauseMs', 'maxChildren') then
        jsonb_typeof(v_value) = 'number'
        and v_text::numeric between case when v_name in ('pauseMs', 'maxChildren') then 0 else 1 end
          and case v_name
            when 'batchSize' then 100000
            when 'maxChildren' then 100000
            when 'workers' then 16
            when 'limit' then 9e15
            else 60000
          end
        and v_text::numeric % 1 = 0
        and (v_name <> 'maxChildren' or landfall.writes_documents(check_options.pipeline))
      when v_name in ('skipValidation', 'retryRejects', 'resolved', 'unlinked', 'prune',
        'keepIndexes')
        then jsonb_typeof(v_value) = 'boolean'
      when v_name = 'onExisting' then v_text in ('reject', 'keep', 'update')
      when v_name = 'maxRejects' then v_text ~ '^([0-9]{1,18}|[0-9]{1,2}(\.[0-9]+)?%|100%)$'
      when v_name in ('source', 'requestedBy') then jsonb_typeof(v_value) = 'string'
      when v_name in ('tables', 'sourceCompany') then
        jsonb_typeof(v_value) = 'array' and not v_value @? '$[*] ? (@.type() != "string")'
        and v_value <> '[]' and jsonb_array_length(v_value) <= 1000
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
          (
            select format('The options are %s.', string_agg(names.name, ', '))
            from jsonb_object_keys(c_known) as names (name)
          )
        ),
        hint    = 'Mend the option and call again; nothing was started.';
    end if;
  end loop;

  v_text := (
    select string_agg(parts.name, ', ')
    from unnest(array['retryRejects', 'resolved', 'unlinked']) as parts (name)
    where check_options.options -> parts.name = 'true'
  );

  if v_text like '%,%' then
    raise exception using
      errcode = 'LF203',
      message = format('Options %s cannot go together', v_text),
      detail  = 'Each of them names the rows that the run takes.',
      hint    = 'Leave one of them out and call again; nothing was started.';
  end if;

  if check_options.options @> '{"prune": true}'
    and (check_options.options ? 'limit' or v_text is not null)
  then
    raise exception using
      errcode = 'LF203',
      message = format('Option prune cannot go with %s', coalesce(v_text, 'limit')),
      detail  = 'Only a run that reads the whole source knows which keys have vanished.',
      hint    = 'Leave one of them out and call again; nothing was started.';
  end if;

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

  perform landfall.check_scopes(check_options.pipeline, landfall.scopes_of(check_options.options));
end
$$;

comment on function landfall.check_options is
$$Raises LF203, LF204 or LF213 when an option of a run is unknown or out of range.$$;

select landfall.close_doors();
