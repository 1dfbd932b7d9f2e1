/*
 * Chapter 11: runs. A run is one execution of a pipeline with its options. Its states and the
 * ways between them are data.
 *
 * Reads  landfall.pipelines, landfall.entities
 * Writes landfall.runs, run_entities, run_keys, run_scopes, what a run has still to build
 * Holds  a pipeline has at most one active run; a run moves only along run_transitions
 */

create table landfall.runs (
  id             bigint      not null primary key,
  pipeline       text        not null references landfall.pipelines (name) on delete cascade,
  state          text        not null default 'planned' references landfall.run_states (name),
  options        jsonb       not null default '{}',
  error          jsonb,
  announced      text,
  rollback       jsonb,
  users          jsonb,
  requested_by   text        not null default current_user,
  created_at     timestamptz not null default clock_timestamp(),
  started_at     timestamptz,
  finished_at    timestamptz,

  -- a run that has begun has its time
  constraint runs_started_when_running
    check (state in ('planned', 'cancelled') or started_at is not null),

  -- a failed run says why
  constraint runs_failed_has_an_error check (state <> 'failed' or error is not null)
);

create unique index runs_one_active_per_pipeline on landfall.runs (pipeline)
  where state in ('planned', 'running', 'paused', 'failed', 'rolling_back');
create index on landfall.runs (pipeline, id);
create index on landfall.runs (state);

comment on table landfall.runs is
$$One execution of a pipeline each.

Ids are counted up without gaps and without a sequence, because a sequence would keep the
number that a dry run drew. A dry run has a negative id while it lasts.$$;

comment on column landfall.runs.rollback is
$$The last roll-back: {force, tables, sourceCompany, requestedBy, fromState, startedAt,
finishedAt}.$$;
comment on column landfall.runs.users is
$$What the pipeline's list of legacy users had for landfall.legacy_user_map: {listed, added,
changed, nameless, doubled}. Null when the run did not look at it.$$;
comment on column landfall.runs.announced is
$$The end that somebody was told of last: each is told once, whoever sees it first.$$;


create table landfall.run_entities (
  run_id         bigint      not null references landfall.runs (id) on delete cascade,
  entity_id      int         not null references landfall.entities (id) on delete cascade,
  place          int         not null,
  parents        int[]       not null,
  state          text        not null default 'waiting',
  shape          jsonb,
  expected_rows  bigint      not null default 0,
  planned_to     text,
  planned_rows   bigint      not null default 0,
  known          boolean     not null default false,
  by_key         boolean     not null default false,
  contested      bigint,
  remarked       boolean     not null default false,
  pruned         bigint      not null default 0,
  started_at     timestamptz,
  finished_at    timestamptz,

  primary key (run_id, entity_id),
  unique (run_id, place),

  constraint run_entities_state_is_known
    check (state in ('waiting', 'planning', 'open', 'building', 'done')),

  -- an entity is written by its shape
  constraint run_entities_shape_from_planning check (state = 'waiting' or shape is not null)
);

create index on landfall.run_entities (entity_id);

comment on table landfall.run_entities is
$$How far a run is with each of its entities. Waiting: for its parents. Planning: batches are
being cut. Open: workers claim them. Building: no batch is left, and what was dropped for the load
is built again. Done: nothing is left to do.$$;
comment on column landfall.run_entities.parents is
$$The entities that its rows refer to, in this run or not: those of this run are written first.$$;
comment on column landfall.run_entities.known is
$$Earlier runs left lineage, rejects or deferred rows: the statements look there too.$$;
comment on column landfall.run_entities.contested is
$$How many rejects were contested when the pass that decides them in order began; null before.$$;
comment on column landfall.run_entities.remarked is
$$What its rules remark on the whole set has been counted.$$;
comment on column landfall.run_entities.pruned is
$$Target rows deleted because their source keys had vanished.$$;
comment on column landfall.run_entities.by_key is
$$The run takes only the keys in landfall.run_keys, not all of the transform.$$;


create table landfall.run_keys (
  run_id      bigint not null,
  entity_id   int    not null,
  source_key  text   not null,

  primary key (run_id, entity_id, source_key),
  foreign key (run_id, entity_id)
    references landfall.run_entities (run_id, entity_id) on delete cascade
);

comment on table landfall.run_keys is
$$The source keys of a run that takes only some, such as the rejects of earlier runs.$$;


create table landfall.run_scopes (
  run_id         bigint not null references landfall.runs (id) on delete cascade,
  scope_key      text   not null,
  expected_rows  bigint not null default 0,
  error          jsonb,

  primary key (run_id, scope_key)
);

comment on table landfall.run_scopes is
$$The tenants of a run, where the pipeline has such.$$;
comment on column landfall.run_scopes.error is
$$Why the run takes no more rows of this tenant; the others go on.$$;


create function landfall.lock_pipeline(pipeline text, shared boolean)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_key int := hashtext(lock_pipeline.pipeline);
begin
  if lock_pipeline.shared then
    perform pg_catalog.pg_advisory_xact_lock_shared(hashtext('landfall'), v_key);
  else
    perform pg_catalog.pg_advisory_xact_lock(hashtext('landfall'), v_key);
  end if;
end
$$;

comment on function landfall.lock_pipeline is
$$Locks a pipeline until the transaction ends.

Workers share it while they write a batch, undo one, or verify a range. Whoever starts, stops,
resumes or rehearses a run takes it alone: nothing is being written when the state changes.$$;


create function landfall.lock_run(run_id bigint)
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select landfall.lock_pipeline(runs.pipeline, shared => false)
  from landfall.runs
  where runs.id = lock_run.run_id
$$;

comment on function landfall.lock_run is
$$Waits until no batch of a run's pipeline is being written, and keeps it so until the
transaction ends.$$;


create function landfall.move_run(run_id bigint, to_state text, error jsonb default null)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_run   landfall.runs;
  v_error jsonb;
begin
  select runs.* into v_run from landfall.runs where runs.id = move_run.run_id for update;

  if v_run.id is null then
    raise exception using
      errcode = 'LF201',
      message = format('There is no run %s', move_run.run_id),
      hint    = 'Call landfall.status() to see the runs there are.';
  end if;

  -- two workers may see the end of a run at once
  if v_run.state = move_run.to_state then
    return;
  end if;

  if not exists (
    select
    from landfall.run_transitions
    where from_state = v_run.state and run_transitions.to_state = move_run.to_state
  ) then
    raise exception using
      errcode = 'LF206',
      message = format('Run %s is %s and cannot become %s', v_run.id,
        replace(v_run.state, '_', ' '), replace(to_state, '_', ' ')),
      detail  = coalesce(
        (
          select 'From here it may become '
            || string_agg(replace(run_transitions.to_state, '_', ' '), ' or ')
          from landfall.run_transitions
          where from_state = v_run.state
        ),
        'This state is final.'
      ),
      hint    = case v_run.state
        when 'rolling_back' then 'Let its roll-back end: call rollback with this run again.'
        else 'Start a new run, or name another one.'
      end;
  end if;

  -- whoever stops a run leaves its tables whole
  if move_run.to_state <> 'running' then
    v_error := landfall.rebuild_all(move_run.run_id);
  end if;

  update landfall.runs
  set
    state = move_run.to_state,
    error = case
      when move_run.to_state <> 'running' then coalesce(move_run.error, v_error, runs.error)
    end,
    announced = case when move_run.to_state <> 'running' then announced end,
    started_at = coalesce(
      started_at,
      case when move_run.to_state <> 'cancelled' then clock_timestamp() end
    ),
    finished_at = case
      -- a roll-back has times of its own
      when 'rolling_back' in (v_run.state, move_run.to_state)
        then coalesce(finished_at, clock_timestamp())
      when move_run.to_state in ('completed', 'failed', 'cancelled') then clock_timestamp()
    end
  where runs.id = move_run.run_id;
end
$$;

comment on function landfall.move_run is
$$Moves a run to another state, if run_transitions lists the way; raises LF206 otherwise. What a
run that ends, or rests, has dropped is built again.

A run that is there already stays as it is.$$;

select landfall.close_doors();
