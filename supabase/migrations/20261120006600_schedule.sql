/*
 * Chapter 66: the schedule. pg_cron calls the tick; one job, however often it is asked for.
 *
 * Reads  cron.job, cron.job_run_details, net._http_response, landfall.ticks
 * Writes cron.job
 * Holds  only landfall.tick is ever scheduled, whoever asks
 */

create function landfall.cron_expression(every text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case
    when every ~* '^([1-9]|[1-5][0-9]) seconds?$' then lower(every)
    when every ~* '^1 minute$' then '* * * * *'
    when every ~* '^([2-9]|[1-5][0-9]) minutes$'
      then format('*/%s * * * *', split_part(every, ' ', 1))
    when every ~* '^1 hour$' then '0 * * * *'
    when every ~* '^([2-9]|1[0-9]|2[0-3]) hours$'
      then format('0 */%s * * *', split_part(every, ' ', 1))
    when every ~ '^\S+ \S+ \S+ \S+ \S+$' then every
  end;
end
$$;

comment on function landfall.cron_expression is
$$Says "5 minutes" as pg_cron has it; cron's own five fields and "30 seconds" are left as they are.
Null for what is neither.$$;


create function landfall.schedule_report()
  returns jsonb
  language plpgsql
  stable
  -- definer: the tables of pg_cron and pg_net belong to the owner of the migrations
  security definer
  set search_path = ''
as $$
declare
  v_job     jsonb;
  v_fired   jsonb;
  v_tick    landfall.ticks;
  v_answer  jsonb;
  v_reply   jsonb;
  v_errors  jsonb;
begin
  select ticks.* into v_tick from landfall.ticks order by ticks.id desc limit 1;
  v_errors := v_tick.errors;

  if to_regclass('cron.job') is not null then
    execute $sql$
      select to_jsonb(job)
      from cron.job
      where job.jobname = 'landfall' and job.username = current_user
    $sql$
    into v_job;

    -- pg_cron may fail before a tick begins
    execute $sql$
      select to_jsonb(newest)
      from (
        select details.status, details.return_message, details.start_time
        from cron.job_run_details as details
        where details.jobid = $1
        order by details.runid desc
        limit 1
      ) as newest
      where newest.status = 'failed'
    $sql$
    into v_fired
    using (v_job ->> 'jobid')::bigint;
  end if;

  v_answer := landfall.answer_to(v_tick.request_id);
  v_reply := landfall.json_or_null(v_answer ->> 'content');

  if (v_answer ->> 'timed_out')::boolean or v_answer ->> 'error_msg' is not null then
    v_errors := v_errors || jsonb_build_array(jsonb_build_object(
      'code', 'no answer', 'message', coalesce(v_answer ->> 'error_msg', 'It took too long')
    ));
  elsif (v_answer ->> 'status_code')::int >= 300 then
    v_errors := v_errors || jsonb_build_array(jsonb_build_object(
      'code', coalesce(v_reply ->> 'code', v_answer ->> 'status_code'),
      'message', coalesce(v_reply ->> 'message', 'The function resolve-users failed')
    ));
  elsif v_reply is not null then
    v_errors := v_errors || jsonb_path_query_array(v_reply, '$.errors[*]');
    v_tick.linked := (
      select coalesce(sum((linked #>> '{}')::bigint), 0)
      from jsonb_path_query(v_reply, '$.users[*].linked') as linked
    );
    v_tick.runs := (
      select coalesce(jsonb_agg(jsonb_build_object(run ->> 'runId', run -> 'state')), '[]')
      from jsonb_path_query(v_reply, '$.runs[*]') as run
    );
  end if;

  return jsonb_build_object(
    'scheduled', v_job is not null,
    'every', v_job -> 'schedule',
    'problem', case
      when (v_fired ->> 'start_time')::timestamptz >= coalesce(v_tick.started_at, '-infinity')
        then v_fired -> 'return_message'
    end,
    'last', case when v_tick.id is not null then jsonb_build_object(
      'through', v_tick.through,
      'startedAt', v_tick.started_at,
      'finishedAt', coalesce(v_tick.finished_at, (v_answer ->> 'created')::timestamptz),
      'state', case
        when v_errors <> '[]' then 'failed'
        when v_tick.finished_at is null and v_answer is null then 'waiting for an answer'
        else 'done'
      end,
      'linked', v_tick.linked,
      'runs', v_tick.runs,
      'errors', v_errors
    ) end
  );
end
$$;

comment on function landfall.schedule_report is
$$Shows the schedule, its last tick and what came of it: {scheduled, every, problem, last}.$$;


create function landfall.schedule(
  every text default '1 minute',
  require_sign_in boolean default true
)
  returns jsonb
  language plpgsql
  volatile
  -- definer: pg_cron runs a job as whoever schedules it, and that must be the owner, who may read
  -- the Vault. Nothing but landfall.tick can be scheduled here.
  security definer
  set search_path = ''
as $$
declare
  v_expression constant text := landfall.cron_expression(btrim(schedule.every));
  v_problem    text := case when v_expression is null then 'That is no interval.' end;
begin
  if to_regclass('cron.job') is null then
    raise exception using
      errcode = 'LF701',
      message = 'Cannot schedule: pg_cron is not installed',
      hint    = 'As postgres: create extension pg_cron; or call landfall.tick() by other means.';
  end if;

  if v_problem is null then
    begin
      execute 'select cron.schedule($1, $2, $3)'
      using
        'landfall', v_expression,
        format('select landfall.tick(require_sign_in => %L)', coalesce(require_sign_in, true));
    exception when others then
      v_problem := sqlerrm;
    end;
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF702',
      message = format('Cannot schedule every %s', coalesce(schedule.every, '(null)')),
      detail  = v_problem,
      hint    = 'Say "30 seconds", "1 minute", "5 minutes", "2 hours", or five fields of cron.';
  end if;

  return landfall.schedule_report();
end
$$;

comment on function landfall.schedule is
$$Has pg_cron resolve users and continue runs, so often: "1 minute", "30 seconds", or five fields of
cron. Called again it changes the one job there is. Raises LF701 without pg_cron, LF702.$$;


create function landfall.unschedule()
  returns jsonb
  language plpgsql
  volatile
  -- definer: the job is the owner's
  security definer
  set search_path = ''
as $$
begin
  if to_regclass('cron.job') is not null then
    execute $sql$
      select cron.unschedule(job.jobid)
      from cron.job
      where job.jobname = 'landfall' and job.username = current_user
    $sql$;
  end if;

  return landfall.schedule_report();
end
$$;

comment on function landfall.unschedule is
$$Ends the schedule; where there is none, that is so already.$$;

select landfall.close_doors();
