/*
 * Chapter 55: verify. A verification's steps, one after the other, by several workers, or all at
 * once.
 *
 * Reads  landfall.verifications, verified_entities
 * Writes whatever a verification writes
 * Holds  clean means that every row was looked at, and nothing was found
 */

create function landfall.has_to_verify(verification_id bigint)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  return exists (
    select
    from landfall.verified_entities
    where verified_entities.verification_id = has_to_verify.verification_id
      and verified_entities.phase <> 'done'
  );
end
$$;

comment on function landfall.has_to_verify is
$$Whether any entity is still to be verified, whoever has claimed it.$$;


create function landfall.end_verification(verification landfall.verifications)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  update landfall.verifications
  set finished_at = clock_timestamp()
  where verifications.id = verification.id
    and verifications.finished_at is null;

  -- another worker has seen the end as well
  if not found then
    return;
  end if;

  perform landfall.add_differences(verification.id, entities.entity_id, jsonb_build_array(
    jsonb_build_object(
      'kind', 'moved', 'name', 'a run or a roll-back wrote meanwhile', 'count', 1,
      'sample', '[]'::jsonb
    )
  ))
  from (
    select verified_entities.entity_id
    from landfall.verified_entities
    where verified_entities.verification_id = verification.id
    order by verified_entities.place
    limit 1
  ) as entities
  where landfall.standing_runs(verification.pipeline) <> verification.runs
    or exists (
      select
      from landfall.runs
      where runs.pipeline = verification.pipeline and runs.state in ('running', 'rolling_back')
    );
end
$$;

comment on function landfall.end_verification is
$$Ends a verification; runs that wrote while it lasted are a difference.$$;


create function landfall.verification_step(verification landfall.verifications)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_range landfall.verified_ranges;
  v_mine  landfall.verified_entities;
begin
  if verification.run_id is not null then
    perform landfall.check_standing(verification.run_id);
  end if;

  select next.* into v_range from landfall.next_range(verification.id) as next;

  if v_range.entity_id is not null then
    perform landfall.check_sight(entities)
    from landfall.entities
    where entities.id = v_range.entity_id;

    return landfall.verify_range(verification, v_range);
  end if;

  select next.* into v_mine from landfall.next_to_verify(verification.id) as next;

  if v_mine.entity_id is null then
    if not landfall.has_to_verify(verification.id) then
      perform landfall.end_verification(verification);
    end if;

    return null;
  end if;

  perform landfall.check_sight(entities)
  from landfall.entities
  where entities.id = v_mine.entity_id;

  if v_mine.shape is null then
    v_mine.shape := landfall.verification_shape(verification, v_mine.entity_id);

    update landfall.verified_entities
    set shape = v_mine.shape
    where verified_entities.verification_id = verification.id
      and verified_entities.entity_id = v_mine.entity_id;
  end if;

  case v_mine.phase
    when 'rows' then
      perform landfall.cut_ranges(v_mine);
    when 'ranges' then
      perform landfall.count_ranges(v_mine);
    else
      perform landfall.verify_table(verification, v_mine, v_mine.shape);

      if verification.run_id is not null then
        perform landfall.verify_books(verification, v_mine.entity_id);
      end if;
  end case;

  return 0;
end
$$;

comment on function landfall.verification_step is
$$Takes the next step of a verification and returns the rows it looked at; null when it is over, or
others have what is left.$$;


create function landfall.advance_verification(verification_id bigint, budget_ms int default 1000)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
  -- the transforms computed in these
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set work_mem = '32MB'
as $$
declare
  v_started constant timestamptz := clock_timestamp();
  v_mine    landfall.verifications;
  v_calm    boolean;
  v_rows    bigint := 0;
  v_step    int;
  v_state   text;
begin
  select verifications.*
  into v_mine
  from landfall.verifications
  where verifications.id = advance_verification.verification_id;

  if v_mine.id is not null then
    perform landfall.check_kind(v_mine.pipeline, documents => false);

    v_calm := landfall.keep_writers_out(v_mine.pipeline);

    select verifications.*
    into v_mine
    from landfall.verifications
    where verifications.id = v_mine.id;
  end if;

  while v_calm and v_mine.finished_at is null loop
    v_step := landfall.verification_step(v_mine);
    v_rows := v_rows + coalesce(v_step, 0);

    exit when v_step is null or clock_timestamp()
      > v_started + advance_verification.budget_ms * interval '1 millisecond';
  end loop;

  v_state := landfall.verification_report(advance_verification.verification_id) ->> 'state';

  return landfall.verification_progress(v_mine.id) || jsonb_build_object(
    'verificationId', advance_verification.verification_id,
    'state', v_state,
    'rows', v_rows,
    'idle', v_step is null and v_state = 'running'
  );
end
$$;

comment on function landfall.advance_verification is
$$Works on a verification for about budget_ms; returns {verificationId, state, rows, idle, done,
total}.

Call it again while the state is running. Any number may call: each works on a range of its own.
Idle means that others have what is left, so wait a moment.$$;


create function landfall.verify(
  pipeline text default null,
  run_id bigint default null,
  options jsonb default '{}'
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '140s'
as $$
declare
  c_forever constant int := 1000000000;
  v_id      constant bigint := landfall.start_verification(
    verify.pipeline, verify.run_id, verify.options
  ) ->> 'verificationId';
begin
  loop
    begin
      exit when landfall.advance_verification(v_id, c_forever) ->> 'state' <> 'running';

      -- a run has just begun: let go of the lock, and wait for it
      raise exception using errcode = 'LFEND', message = 'Nothing was verified';
    exception when sqlstate 'LFEND' then
      null;
    end;
  end loop;

  return landfall.verification_report(v_id);
end
$$;

comment on function landfall.verify is
$$Verifies a pipeline, or what one run has written, in one call, and returns the report.$$;

select landfall.close_doors();
