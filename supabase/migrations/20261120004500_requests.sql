/*
 * Chapter 45: requests. What a roll-back and a verification can be told, checked before they begin.
 *
 * Reads  landfall.runs, run_entities
 * Writes nothing
 * Holds  an option that is unknown or out of range is refused, with what it may be
 */

create function landfall.check_rollback(run_id bigint, options jsonb)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_run   landfall.runs;
  v_name  text;
  v_value jsonb;
  v_valid boolean;
begin
  select runs.* into v_run from landfall.runs where runs.id = check_rollback.run_id;

  if v_run.id is null then
    raise exception using
      errcode = 'LF201',
      message = format('There is no run %s', coalesce(check_rollback.run_id::text, '(null)')),
      hint    = 'Call landfall.status() to see the runs there are.';
  end if;

  if v_run.state in ('planned', 'running') then
    raise exception using
      errcode = 'LF206',
      message = format('Cannot roll back run %s: it is %s', v_run.id, v_run.state),
      detail  = 'Its workers would write what is being undone.',
      hint    = 'Pause or cancel the run, then roll it back.';
  end if;

  for v_name, v_value in select * from jsonb_each(coalesce(check_rollback.options, '{}')) loop
    v_valid := case
      when v_name in ('force', 'anyOrder') then jsonb_typeof(v_value) = 'boolean'
      when v_name = 'requestedBy' then jsonb_typeof(v_value) = 'string'
      when v_name in ('tables', 'sourceCompany') then
        jsonb_typeof(v_value) = 'array' and not v_value @? '$[*] ? (@.type() != "string")'
        and v_value <> '[]' and jsonb_array_length(v_value) <= 1000
    end;

    if v_valid is not true then
      raise exception using
        errcode = 'LF203',
        message = format('A roll-back does not take option %s %s', v_name, v_value),
        detail  = 'It takes force and anyOrder, true or false, tables, a list of entities, '
                  'sourceCompany, a list of companies of the source, and requestedBy, a name.',
        hint    = 'Mend the option and call again; nothing was undone.';
    end if;
  end loop;

  for v_name in
    select jsonb_array_elements_text(check_rollback.options -> 'tables')
    except
    select entities.name
    from landfall.run_entities
    join landfall.entities on entities.id = run_entities.entity_id
    where run_entities.run_id = v_run.id
  loop
    raise exception using
      errcode = 'LF204',
      message = format('Run %s has no table %s', v_run.id, v_name),
      detail  = (
        select format('Its tables are %s.',
          string_agg(entities.name, ', ' order by run_entities.place))
        from landfall.run_entities
        join landfall.entities on entities.id = run_entities.entity_id
        where run_entities.run_id = v_run.id
      ),
      hint    = 'Name one of these.';
  end loop;

  perform landfall.check_scopes(
    v_run.pipeline, landfall.scopes_of(check_rollback.options), v_run.id
  );
end
$$;

comment on function landfall.check_rollback is
$$Raises LF201, LF203, LF204, LF206 or LF213 when a run cannot be rolled back with these options.$$;


create function landfall.check_standing(run_id bigint)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_run landfall.runs;
begin
  select runs.* into v_run from landfall.runs where runs.id = check_standing.run_id;

  if v_run.id is null or v_run.state in ('rolling_back', 'rolled_back') then
    raise exception using
      errcode = case when v_run.id is null then 'LF201' else 'LF501' end,
      message = case
        when v_run.id is null then format('There is no run %s', check_standing.run_id)
        else format('Run %s is %s: there is nothing of it to verify', v_run.id,
          replace(v_run.state, '_', ' '))
      end,
      hint    = 'Name another run, or verify the whole pipeline.';
  end if;
end
$$;

comment on function landfall.check_standing is
$$Raises LF201 without such a run, LF501 when it is rolled back, or is about to be.$$;


create function landfall.check_verification(pipeline text, options jsonb)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_name  text;
  v_value jsonb;
  v_valid boolean;
begin
  for v_name, v_value in select * from jsonb_each(check_verification.options) loop
    v_valid := case
      when v_name = 'allowUnknown' then jsonb_typeof(v_value) = 'boolean'
      when v_name = 'requestedBy' then jsonb_typeof(v_value) = 'string'
      when v_name = 'samples' then v_value #>> '{}' ~ '^([1-9][0-9]?|100)$'
      when v_name in ('tables', 'sourceCompany') then true
    end;

    if v_valid is not true then
      raise exception using
        errcode = 'LF203',
        message = format('A verification does not take option %s %s', v_name, v_value),
        detail  = 'It takes samples, a whole number from 1 to 100, tables, a list of entities, '
                  'sourceCompany, a list of companies of the source, allowUnknown, true or '
                  'false, and requestedBy, a name.',
        hint    = 'Mend the option and call again.';
    end if;
  end loop;

  perform landfall.check_options(
    check_verification.pipeline,
    check_verification.options - array['allowUnknown', 'requestedBy', 'samples']
  );
end
$$;

comment on function landfall.check_verification is
$$Raises LF203, LF204 or LF213 when an option of a verification is unknown or out of range.$$;

select landfall.close_doors();
