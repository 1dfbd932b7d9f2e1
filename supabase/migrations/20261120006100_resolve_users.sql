/*
 * Chapter 61: resolve users. What a caller asks for: link whoever has signed in, and load their
 * rows; or say what that would do.
 *
 * Reads  landfall.pipelines, runs
 * Writes landfall.legacy_user_map, user_links, runs; the targets through runs
 * Holds  a dry run is the real thing, always rolled back
 */

create function landfall.finish_run(run_id bigint, budget_ms int)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_begun constant timestamptz := clock_timestamp();
  v_left  int := finish_run.budget_ms;
  v_step  jsonb;
begin
  while v_left > 0 loop
    v_step := case
      when exists (
        select from landfall.runs where runs.id = finish_run.run_id and runs.state = 'rolling_back'
      ) then landfall.advance_rollback(finish_run.run_id, v_left)
      else landfall.advance_run(finish_run.run_id, v_left)
    end;
    exit when v_step ->> 'state' not in ('running', 'rolling_back')
      or (v_step ->> 'idle')::boolean;
    v_left := finish_run.budget_ms
      - round(1000 * extract(epoch from clock_timestamp() - v_begun))::int;
  end loop;

  -- what is told as done must have reached the disk
  perform set_config('synchronous_commit', 'on', true);

  return landfall.run_report(finish_run.run_id);
end
$$;

comment on function landfall.finish_run is
$$Works on a run or its roll-back for about budget_ms in one transaction, until it is over or other
workers hold what is left; returns the run's report.$$;


create function landfall.start_resolution(
  pipeline text default null,
  require_sign_in boolean default true,
  requested_by text default null
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
as $$
declare
  v_users  constant jsonb := landfall.begin_resolution(
    start_resolution.pipeline, start_resolution.require_sign_in, start_resolution.requested_by
  );
  v_due    record;
  v_runs   jsonb := '[]';
  v_busy   jsonb := '[]';
begin
  for v_due in select * from landfall.due_pipelines(start_resolution.pipeline) loop
    if v_due.run_id is null then
      v_runs := v_runs || jsonb_build_array(landfall.start_run(
        v_due.name,
        jsonb_strip_nulls(jsonb_build_object(
          'resolved', true, 'requestedBy', start_resolution.requested_by
        ))
      ));
    elsif v_due.options @> '{"resolved": true}' then
      v_runs := v_runs || jsonb_build_array(landfall.run_report(v_due.run_id));
    else
      v_busy := v_busy || jsonb_build_array(
        jsonb_build_object('pipeline', v_due.name, 'runId', v_due.run_id)
      );
    end if;
  end loop;

  return jsonb_build_object(
    'dryRun', false,
    'requireSignIn', start_resolution.require_sign_in,
    'users', v_users,
    'runs', v_runs,
    'busy', v_busy
  );
end
$$;

comment on function landfall.start_resolution is
$$Links the legacy users who have an account now, and starts a run for each pipeline with rows that
waited for them; landfall.advance_run does the work.

Returns {dryRun, requireSignIn, users, runs, busy}: users as landfall.link_users reports each
pipeline, runs as landfall.run_report does, busy the pipelines whose active run must end first.
Raises LF101, LF602.$$;


create function landfall.resolve_users(
  pipeline text default null,
  dry_run boolean default false,
  require_sign_in boolean default true,
  budget_ms int default 100000,
  requested_by text default null
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '140s'
as $$
declare
  v_begun   constant timestamptz := clock_timestamp();
  v_report  jsonb;
  v_due     record;
  v_run     jsonb;
  v_runs    jsonb := '[]';
begin
  if resolve_users.dry_run then
    begin
      v_report := jsonb_build_object(
        'dryRun', true,
        'requireSignIn', resolve_users.require_sign_in,
        'users', landfall.begin_resolution(
          resolve_users.pipeline, resolve_users.require_sign_in, resolve_users.requested_by
        ),
        'busy', (
          select coalesce(
            jsonb_agg(jsonb_build_object('pipeline', due.name, 'runId', due.run_id)), '[]'
          )
          from landfall.due_pipelines(resolve_users.pipeline) as due
          where due.run_id is not null
        )
      );

      for v_due in
        select due.name
        from landfall.due_pipelines(resolve_users.pipeline) as due
        where due.run_id is null
      loop
        v_runs := v_runs || jsonb_build_array(landfall.dry_run(v_due.name, '{"resolved": true}'));
      end loop;

      v_report := v_report || jsonb_build_object('runs', v_runs);

      raise exception using errcode = 'LFEND', message = 'The dry run ends here';
    exception when sqlstate 'LFEND' then
      -- everything but the report is undone
      null;
    end;

    return v_report;
  end if;

  v_report := landfall.start_resolution(
    resolve_users.pipeline, resolve_users.require_sign_in, resolve_users.requested_by
  );

  for v_run in select * from jsonb_array_elements(v_report -> 'runs') loop
    v_runs := v_runs || jsonb_build_array(landfall.finish_run(
      (v_run ->> 'runId')::bigint,
      resolve_users.budget_ms
        - round(1000 * extract(epoch from clock_timestamp() - v_begun))::int
    ));
  end loop;

  return v_report || jsonb_build_object('runs', v_runs);
end
$$;

comment on function landfall.resolve_users is
$$Links the legacy users who have an account now, and loads exactly the rows that waited for them,
in one call and one transaction; runs that are not over after budget_ms go on with the next call.

dry_run does all of it, undoes it and reports it. require_sign_in asks for a sign-in since the
account was made: an app may have confirmed the address itself. Returns what
landfall.start_resolution does. Raises LF101, LF602.$$;

select landfall.close_doors();
