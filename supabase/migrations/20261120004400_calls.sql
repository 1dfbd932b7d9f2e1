/*
 * Chapter 44: calls. What a caller asks of the engine: start, rehearse, resume, pause, cancel.
 *
 * Reads  landfall.runs
 * Writes landfall.runs
 * Holds  a dry run is the real run, always rolled back
 */

create function landfall.start_run(pipeline text, options jsonb default '{}')
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
as $$
declare
  v_id bigint;
begin
  perform landfall.check_kind(start_run.pipeline, documents => false);

  v_id := landfall.open_run(
    start_run.pipeline, coalesce(start_run.options, '{}'), rehearsal => false
  );

  return landfall.run_report(v_id);
end
$$;

comment on function landfall.start_run is
$$Starts a run and returns its report; landfall.advance_run does the work.

Raises LF101 to LF106, LF202 to LF212, LF215, LF302 and LF303 when it cannot begin.$$;


create function landfall.dry_run(pipeline text, options jsonb default '{}')
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '140s'
as $$
declare
  v_id      bigint;
  v_report  jsonb;
begin
  perform landfall.check_kind(dry_run.pipeline, documents => false);

  begin
    v_id := landfall.open_run(dry_run.pipeline, coalesce(dry_run.options, '{}'), rehearsal => true);

    perform landfall.advance_run(v_id);
    v_report := landfall.run_report(v_id);

    raise exception using errcode = 'LFEND', message = 'The dry run ends here';
  exception when sqlstate 'LFEND' then
    -- everything but the report is undone
    null;
  end;

  return v_report || jsonb_build_object('estimatedMs', v_report -> 'durationMs');
end
$$;

comment on function landfall.dry_run is
$$Does the whole run, every check, constraint and trigger included, undoes it, and returns the
report of what the run would do and how long it would take.

Target rows are locked while it lasts, as the run would lock them.$$;


create function landfall.resume_run(run_id bigint)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  -- a verification may have to come to the end of a table
  set statement_timeout = '120s'
as $$
declare
  v_run landfall.runs;
begin
  select runs.* into v_run from landfall.runs where runs.id = resume_run.run_id;

  if v_run.id is null or v_run.state not in ('planned', 'running', 'completed') then
    perform landfall.lock_run(resume_run.run_id);
    select runs.* into v_run from landfall.runs where runs.id = resume_run.run_id;
    perform landfall.move_run(resume_run.run_id, 'running');
  end if;

  -- whoever resumes a run that its error budget stopped has seen the rejects
  if v_run.state = 'failed' then
    update landfall.runs
    set options = options - 'maxRejects'
    where runs.id = resume_run.run_id;
  end if;

  return landfall.run_report(resume_run.run_id);
end
$$;

comment on function landfall.resume_run is
$$Lets a paused or failed run go on, the latter without its error budget; a run that needs no
leave is left as it is.

Raises LF201 without such a run, LF206 when it was cancelled or rolled back.$$;


create function landfall.pause_run(run_id bigint)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  -- a batch that is being written may take a while, and so may indexes
  set statement_timeout = '120s'
as $$
begin
  perform landfall.lock_run(pause_run.run_id);
  perform landfall.move_run(pause_run.run_id, 'paused');
  return landfall.run_report(pause_run.run_id);
end
$$;

comment on function landfall.pause_run is
$$Pauses a run, after the batches being written now.$$;


create function landfall.cancel_run(run_id bigint)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  -- a batch that is being written may take a while, and so may indexes
  set statement_timeout = '120s'
as $$
begin
  perform landfall.lock_run(cancel_run.run_id);

  -- a roll-back that ends half way would leave neither the run nor what was there before
  if exists (
    select from landfall.runs where runs.id = cancel_run.run_id and runs.state = 'rolling_back'
  ) then
    raise exception using
      errcode = 'LF206',
      message = format('Cannot cancel run %s: it is being rolled back', cancel_run.run_id),
      hint    = 'Let its roll-back end: call rollback with this run again.';
  end if;

  perform landfall.move_run(cancel_run.run_id, 'cancelled');
  return landfall.run_report(cancel_run.run_id);
end
$$;

comment on function landfall.cancel_run is
$$Gives up a run, after the batches being written now. What it wrote stays.$$;


create function landfall.announce_run(run_id bigint)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  update landfall.runs
  set announced = state
  where runs.id = announce_run.run_id
    and runs.state in ('completed', 'failed', 'cancelled', 'rolled_back')
    and runs.announced is distinct from runs.state;

  return found;
end
$$;

comment on function landfall.announce_run is
$$True for the first who asks at an end of a run: it is the one to tell people of it.$$;


create function landfall.forget_runs(pipeline text)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_active  bigint;
  v_lacking text;
begin
  perform landfall.check_pipeline(forget_runs.pipeline);
  perform landfall.lock_pipeline(forget_runs.pipeline, shared => false);

  select runs.id
  into v_active
  from landfall.runs
  join landfall.run_states on run_states.name = runs.state and run_states.active
  where runs.pipeline = forget_runs.pipeline;

  if v_active is not null then
    raise exception using
      errcode = 'LF202',
      message = format('Cannot forget the runs of %s: run %s is active', pipeline, v_active),
      hint    = format('Let run %s end, or cancel it.', v_active);
  end if;

  select string_agg(format('%s %s of %s', kind, rebuilds.name, rebuilds.target), ', ')
  into v_lacking
  from landfall.rebuilds
  join landfall.entities on entities.id = rebuilds.entity_id
  where entities.pipeline = forget_runs.pipeline;

  if v_lacking is not null then
    raise exception using
      errcode = 'LF304',
      message = format('Cannot forget the runs of %s: something is not built again', pipeline),
      detail  = format('It is %s.', v_lacking),
      hint    = 'Build it, as landfall.rebuilds has it, and delete it there.';
  end if;

  delete from landfall.lineage
  using landfall.entities
  where entities.pipeline = forget_runs.pipeline and lineage.entity_id = entities.id;

  delete from landfall.deferred
  using landfall.entities
  where entities.pipeline = forget_runs.pipeline and deferred.entity_id = entities.id;

  delete from landfall.verifications where verifications.pipeline = forget_runs.pipeline;
  delete from landfall.runs where runs.pipeline = forget_runs.pipeline;
end
$$;

comment on function landfall.forget_runs is
$$Lets go of all that is kept of a pipeline's runs: lineage, before images, rejects, waiting rows,
reports. The target rows stay; nothing can be undone or explained any more, and a later run takes
them for rows that were there before.$$;

select landfall.close_doors();
