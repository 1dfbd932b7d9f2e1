/*
 * Chapter 41: advance. A worker's turn, in one transaction: a crash anywhere loses nothing and
 * repeats nothing.
 *
 * Reads  landfall.runs
 * Writes landfall.runs, and whatever its steps write
 * Holds  a run stops past its error budget
 */

create function landfall.stop_past_budget(run_id bigint)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_budget    text;
  v_rejected  bigint;
  v_rows      bigint;
  v_most      numeric;
begin
  select runs.options ->> 'maxRejects'
  into v_budget
  from landfall.runs
  where runs.id = stop_past_budget.run_id;

  if v_budget is null then
    return;
  end if;

  select sum(batches.rejected)
  into v_rejected
  from landfall.batches
  where batches.run_id = stop_past_budget.run_id;

  select sum(run_entities.expected_rows)
  into v_rows
  from landfall.run_entities
  where run_entities.run_id = stop_past_budget.run_id;

  -- where there are several tenants, each has a budget of its own
  if (
    select count(*) > 1 from landfall.run_scopes where run_scopes.run_id = stop_past_budget.run_id
  ) then
    perform landfall.stop_scopes(stop_past_budget.run_id, v_budget);

    -- what is left are the rows of no tenant
    select v_rejected - coalesce(sum(rejected.rows::bigint), 0)
    into v_rejected
    from landfall.batches
    cross join jsonb_each_text(batches.rejected_of) as rejected (scope_key, rows)
    where batches.run_id = stop_past_budget.run_id;

    select v_rows - sum(run_scopes.expected_rows)
    into v_rows
    from landfall.run_scopes
    where run_scopes.run_id = stop_past_budget.run_id;
  end if;

  v_most := case
    when v_budget like '%\%' then v_rows * rtrim(v_budget, '%')::numeric / 100
    else v_budget::numeric
  end;

  if v_rejected > v_most and exists (
    select from landfall.runs where runs.id = stop_past_budget.run_id and runs.state = 'running'
  ) then
    perform landfall.move_run(
      stop_past_budget.run_id,
      'failed',
      jsonb_build_object(
        'code', 'LF211',
        'message', format('%s rows are rejected, more than the %s allowed', v_rejected, v_budget),
        'hint', 'Mend the rows or the view and resume the run, or cancel it.'
      )
    );
  end if;
end
$$;

comment on function landfall.stop_past_budget is
$$Fails a run whose rejects exceed its option maxRejects, a number or a share of all its rows. Of
several tenants, only those are stopped whose own rejects do; rows of none have such a budget, too,
past which the run fails.$$;


create function landfall.advance_run(run_id bigint, budget_ms int default 1000)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
  -- what a value means must not depend on who calls
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set intervalstyle = 'postgres'
  set extra_float_digits = '1'
  set bytea_output = 'hex'
  -- a batch is some thousand rows: it fits
  set work_mem = '32MB'
as $$
declare
  c_attempts constant int := 5;
  c_soon_ms  constant int := 50;
  v_started  constant timestamptz := clock_timestamp();
  v_run      landfall.runs;
  v_rows     bigint := 0;
  v_steps    int := 0;
  v_step     int;
  v_attempt  int := 0;
begin
  -- a deferred constraint would only speak at commit, when no row can be blamed any more
  set constraints all immediate;

  select runs.* into v_run from landfall.runs where runs.id = advance_run.run_id;

  if v_run.id is not null then
    perform landfall.lock_pipeline(v_run.pipeline, shared => true);
  end if;

  select runs.* into v_run from landfall.runs where runs.id = advance_run.run_id;
  perform landfall.use_limits(v_run.options);

  if v_run.id is null or v_run.state = 'planned' then
    -- another worker may have been quicker, and have ended the run since
    perform from landfall.runs where runs.id = v_run.id and runs.state = 'planned' for update;

    if found or v_run.id is null then
      perform landfall.move_run(advance_run.run_id, 'running');
    end if;

    select runs.state into v_run.state from landfall.runs where runs.id = v_run.id;
  end if;

  while v_run.state = 'running' loop
    begin
      v_step := landfall.next_step(
        advance_run.run_id, (v_run.options ->> 'batchSize')::numeric::int
      );

      if v_step > 0 then
        perform landfall.stop_past_budget(advance_run.run_id);
      end if;
    exception when deadlock_detected or serialization_failure then
      -- the other worker waits for what this call wrote or locked before: let go of it first
      exit when v_steps > 0 and advance_run.run_id > 0;

      v_attempt := v_attempt + 1;

      if v_attempt = c_attempts then
        raise;
      end if;

      continue;
    end;

    exit when v_step is null;
    v_rows := v_rows + v_step;
    v_steps := v_steps + 1;

    select runs.state into v_run.state from landfall.runs where runs.id = advance_run.run_id;

    -- a step that lets others go on is committed soon; a rehearsal commits nothing
    exit when advance_run.run_id > 0 and clock_timestamp() > v_started + case
      when v_step = 0 then least(advance_run.budget_ms, c_soon_ms)
      else advance_run.budget_ms
    end * interval '1 millisecond';
  end loop;

  -- a batch that a crash of the server undoes is whole or gone, and taken again: only the end of a
  -- run waits for the disk
  if exists (select from landfall.runs where runs.id = v_run.id and runs.state = 'running') then
    perform set_config('synchronous_commit', 'off', true);
  end if;

  return (
    select jsonb_build_object(
      'runId', runs.id,
      'state', runs.state,
      'rows', v_rows,
      'idle', v_step is null and runs.state = 'running'
    ) || landfall.run_progress(runs.id)
    from landfall.runs
    where runs.id = advance_run.run_id
  );
end
$$;

comment on function landfall.advance_run is
$$Works on a run for about budget_ms and returns {runId, state, rows, idle, done, total}.

Call it again while the state is running; idle means that other workers hold what is left, so
wait a moment. Any number of callers may advance one run. It is safe to repeat: a call whose
answer was lost has either done its batches or left them as they were.$$;

select landfall.close_doors();
