/*
 * Chapter 48: undoing. What a caller asks of a roll-back: preview, start, continue, report.
 *
 * Reads  landfall.rollbacks, leftovers
 * Writes whatever a roll-back writes
 * Holds  a preview is the roll-back itself, always taken back
 */

create function landfall.rollback_progress(run_id bigint)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select jsonb_build_object(
    'done', coalesce(sum(rollbacks.seen), 0),
    'total', coalesce(sum(case rollbacks.phase
      when 'done' then rollbacks.seen
      else greatest(rollbacks.expected, rollbacks.seen)
    end), 0)
  )
  from landfall.rollbacks
  where rollbacks.run_id = rollback_progress.run_id
$$;

comment on function landfall.rollback_progress is
$$Counts the rows a roll-back has looked at, and all it expects: {done, total}.$$;


create function landfall.rollback_report(run_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'runId', runs.id,
      'pipeline', runs.pipeline,
      'documents', landfall.writes_documents(runs.pipeline),
      'state', runs.state,
      'preview', false,
      'force', runs.rollback -> 'force',
      'tables', runs.rollback -> 'tables',
      'sourceCompany', runs.rollback -> 'sourceCompany',
      'requestedBy', runs.rollback -> 'requestedBy',
      'startedAt', runs.rollback -> 'startedAt',
      'finishedAt', runs.rollback -> 'finishedAt',
      'durationMs', round(1000 * extract(epoch from
        coalesce((runs.rollback ->> 'finishedAt')::timestamptz, clock_timestamp())
          - (runs.rollback ->> 'startedAt')::timestamptz)),
      'newerRuns', landfall.newer_runs(runs.id, runs.rollback),
      'progress', landfall.rollback_progress(runs.id),
      'entities', (
        select coalesce(
          jsonb_agg(
            jsonb_build_object(
              'entity', entities.name,
              'target', entities.target,
              'deleted', rollbacks.deleted,
              'restored', rollbacks.restored,
              'rewritten', rollbacks.rewritten,
              'released', rollbacks.released,
              'left', (
                select count(*)
                from landfall.leftovers
                where leftovers.run_id = runs.id
                  and leftovers.entity_id = entities.id
                  and leftovers.occasion = 'rollback'
              ),
              'durationMs', coalesce(
                round(1000 * extract(epoch from
                  coalesce(rollbacks.finished_at, clock_timestamp()) - rollbacks.started_at)),
                0
              )
            )
            order by run_entities.place desc
          ),
          '[]'
        )
        from landfall.rollbacks
        join landfall.run_entities using (run_id, entity_id)
        join landfall.entities on entities.id = rollbacks.entity_id
        where rollbacks.run_id = runs.id
      ),
      'leftovers', landfall.leftover_counts(runs.id, 'rollback')
    )
    from landfall.runs
    where runs.id = rollback_report.run_id
      and runs.rollback is not null
  );
end
$$;

comment on function landfall.rollback_report is
$$Reports how a run was rolled back: for each entity the rows deleted, restored and left, and why
they were left. Null for a run that never was.

released counts rows of which nothing was to be undone in the target; rewritten those that a
trigger changed while they were put back.$$;


create function landfall.start_rollback(run_id bigint, options jsonb default '{}')
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
as $$
begin
  perform landfall.begin_rollback(
    start_rollback.run_id, coalesce(start_rollback.options, '{}')
  );

  return landfall.rollback_report(start_rollback.run_id);
end
$$;

comment on function landfall.start_rollback is
$$Starts to roll a run back and returns the report; landfall.advance_rollback does the work.

Options: force undoes rows that have changed since, too; tables names the entities to undo,
sourceCompany the tenants; anyOrder does not ask for newer runs to be undone first.$$;


create function landfall.advance_rollback(run_id bigint, budget_ms int default 1000)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
  -- before images were taken in these
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set intervalstyle = 'postgres'
  set extra_float_digits = '1'
  set bytea_output = 'hex'
  set work_mem = '32MB'
as $$
declare
  c_soon_ms constant int := 50;
  v_started constant timestamptz := clock_timestamp();
  v_run     landfall.runs;
  v_rows    bigint := 0;
  v_step    int := 0;
begin
  set constraints all immediate;

  select runs.* into v_run from landfall.runs where runs.id = advance_rollback.run_id;

  if v_run.id is not null then
    perform landfall.lock_pipeline(v_run.pipeline, shared => true);
    select runs.* into v_run from landfall.runs where runs.id = advance_rollback.run_id;
  end if;

  perform landfall.check_kind(v_run.pipeline, documents => false);

  if v_run.rollback is null then
    raise exception using
      errcode = case when v_run.id is null then 'LF201' else 'LF206' end,
      message = case
        when v_run.id is null then format('There is no run %s', advance_rollback.run_id)
        else format('Run %s is %s, and nobody has asked to roll it back', v_run.id, v_run.state)
      end,
      hint    = 'Call landfall.start_rollback() first.';
  end if;

  while v_run.state = 'rolling_back' and v_step is not null loop
    v_step := landfall.rollback_step(
      v_run.id, (v_run.rollback ->> 'force')::boolean, landfall.scopes_of(v_run.rollback)
    );
    v_rows := v_rows + coalesce(v_step, 0);

    -- a table that is done lets others go on: that is committed soon
    exit when clock_timestamp() > v_started + case
      when v_step = 0 then least(advance_rollback.budget_ms, c_soon_ms)
      else advance_rollback.budget_ms
    end * interval '1 millisecond';
  end loop;

  return (
    select jsonb_build_object(
      'runId', runs.id,
      'state', runs.state,
      'rows', v_rows,
      'idle', v_step is null and runs.state = 'rolling_back'
    ) || landfall.rollback_progress(runs.id)
    from landfall.runs
    where runs.id = advance_rollback.run_id
  );
end
$$;

comment on function landfall.advance_rollback is
$$Works on a roll-back for about budget_ms and returns {runId, state, rows, idle, done, total}.

Call it again while the state is rolling_back. It is safe to repeat, and any number may call: each
works on an entity of its own. Idle means that others hold what is left, so wait a moment.$$;


create function landfall.preview_rollback(run_id bigint, options jsonb default '{}')
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '140s'
as $$
declare
  c_forever constant int := 1000000000;
  v_newer   jsonb;
  v_report  jsonb;
begin
  v_newer := landfall.newer_runs(
    preview_rollback.run_id, coalesce(preview_rollback.options, '{}')
  );

  begin
    perform landfall.begin_rollback(
      preview_rollback.run_id, coalesce(preview_rollback.options, '{}') || '{"anyOrder": true}'
    );

    -- what is undone already is not to be undone once more
    update landfall.rollbacks
    set deleted = 0, restored = 0, rewritten = 0, released = 0
    where rollbacks.run_id = preview_rollback.run_id;

    -- what becomes of documents is not known here: landfall.documents_to_undo lists them
    if not landfall.writes_documents(
      (select runs.pipeline from landfall.runs where runs.id = preview_rollback.run_id)
    ) then
      perform landfall.finish_run(preview_rollback.run_id, c_forever);
    end if;

    v_report := landfall.rollback_report(preview_rollback.run_id);

    raise exception using errcode = 'LFEND', message = 'The preview ends here';
  exception when sqlstate 'LFEND' then
    -- everything but the report is undone
    null;
  end;

  return v_report || jsonb_build_object('preview', true, 'newerRuns', v_newer);
end
$$;

comment on function landfall.preview_rollback is
$$Does the whole roll-back, takes it back, and returns the report of what would be undone and what
would be left, and why. newerRuns lists what would stand in the way.

Target rows are locked while it lasts, as the roll-back would lock them.$$;

select landfall.close_doors();
