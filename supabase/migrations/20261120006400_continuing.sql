/*
 * Chapter 64: continuing. Runs and roll-backs that nobody has stopped go on, whoever began them.
 *
 * Reads  landfall.runs
 * Writes whatever runs and roll-backs write
 * Holds  a run that somebody paused, or that failed, is left alone
 */

create function landfall.unstopped_runs(pipeline text default null)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(landfall.run_report(runs.id) order by runs.id), '[]')
    from landfall.runs
    where runs.state in ('planned', 'running', 'rolling_back')
      and runs.id > 0
      and (unstopped_runs.pipeline is null or runs.pipeline = unstopped_runs.pipeline)
  );
end
$$;

comment on function landfall.unstopped_runs is
$$Reports the runs and roll-backs that are not over and that nobody has stopped: neither a person
who paused one, nor an error budget.$$;


create function landfall.continue_runs(budget_ms int)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_begun   constant timestamptz := clock_timestamp();
  v_run     record;
  v_left    int;
  v_states  jsonb := '[]';
  v_errors  jsonb := '[]';
begin
  for v_run in
    select (item ->> 'runId')::bigint as id
    from jsonb_array_elements(landfall.unstopped_runs()) as item
    -- documents are written by the functions alone
    where not landfall.writes_documents(item ->> 'pipeline')
  loop
    v_left := continue_runs.budget_ms
      - round(1000 * extract(epoch from clock_timestamp() - v_begun))::int;
    exit when v_left <= 0;

    begin
      v_states := v_states || jsonb_build_array(jsonb_build_object(
        v_run.id, landfall.finish_run(v_run.id, v_left) ->> 'state'
      ));
    exception when others then
      -- the other runs go on, and the next tick tries again
      v_errors := v_errors || jsonb_build_array(jsonb_build_object(
        'code', sqlstate, 'message', format('Run %s: %s', v_run.id, sqlerrm)
      ));
    end;
  end loop;

  return jsonb_build_object('runs', v_states, 'errors', v_errors);
end
$$;

comment on function landfall.continue_runs is
$$Works on every run and roll-back that nobody has stopped for about budget_ms in all, and returns
{runs, errors}.$$;

select landfall.close_doors();
