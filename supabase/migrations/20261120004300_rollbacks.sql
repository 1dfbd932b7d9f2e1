/*
 * Chapter 43: rollbacks. A run is taken back entity by entity; how far each is, is kept, so that
 * whoever comes next goes on there.
 *
 * Reads  landfall.runs, run_entities, batches, changes
 * Writes landfall.rollbacks, runs, leftovers
 * Holds  the newest run goes first, unless told otherwise
 */

create table landfall.rollbacks (
  run_id       bigint      not null,
  entity_id    int         not null,
  phase        text        not null default 'put back',
  whole        boolean     not null default false,
  pass         int         not null default 0,
  shape        jsonb,
  undone_to    text,
  held         bigint      not null default 0,
  expected     bigint      not null,
  seen         bigint      not null default 0,
  deleted      bigint      not null default 0,
  restored     bigint      not null default 0,
  rewritten    bigint      not null default 0,
  released     bigint      not null default 0,
  started_at   timestamptz,
  finished_at  timestamptz,

  primary key (run_id, entity_id),
  foreign key (run_id, entity_id)
    references landfall.run_entities (run_id, entity_id) on delete cascade,

  constraint rollbacks_phase_is_known check (phase in ('put back', 'undo', 'done'))
);

comment on table landfall.rollbacks is
$$How far each entity of a run is taken back, and the rows undone by all its roll-backs together.

Rows that the run pruned are put back first, parents before children; then each entity is undone,
children before parents.$$;
comment on column landfall.rollbacks.whole is
$$Whether one of the roll-backs was asked to undo the rows of all the run's tenants.$$;
comment on column landfall.rollbacks.pass is
$$Rows held by rows of the same table, or by a unique value, are tried again as long as each pass
undoes some.$$;
comment on column landfall.rollbacks.seen is
$$Rows looked at in the first pass, for progress.$$;


create function landfall.undo_reach(pass int)
  returns int
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select 20000 * (2 ^ least(undo_reach.pass, 12))::int
$$;

comment on function landfall.undo_reach is
$$Says how many rows a pass undoes together. Each pass reaches further: rows that refer to each
other may stand far apart.$$;


create function landfall.newer_runs(run_id bigint, options jsonb)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  with taken as (
    select entities.id
    from landfall.run_entities
    join landfall.entities on entities.id = run_entities.entity_id
    where run_entities.run_id = newer_runs.run_id
      and (
        coalesce(newer_runs.options -> 'tables', 'null') = 'null'
        or newer_runs.options -> 'tables' ? entities.name
      )
  )

  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'runId', newer.id,
        'changed', (
          select count(*)
          from landfall.changes
          where changes.run_id = newer.id
            and changes.before_run_id = newer_runs.run_id
            and changes.entity_id in (select taken.id from taken)
        )
      )
      order by newer.id
    ),
    '[]'
  )
  from landfall.runs
  join landfall.runs as newer
    on newer.pipeline = runs.pipeline
    and newer.id > runs.id
    and newer.state <> 'rolled_back'
    -- runs of other tenants' rows do not matter
    and coalesce(
      coalesce(landfall.scopes_of(newer_runs.options), landfall.scopes_of(runs.options))
        && landfall.scopes_of(newer.options),
      true
    )
  where runs.id = newer_runs.run_id
    and exists (
      select
      from landfall.run_entities
      left join landfall.batches using (run_id, entity_id)
      left join landfall.rollbacks using (run_id, entity_id)
      where run_entities.run_id = newer.id
        and run_entities.entity_id in (select taken.id from taken)
        -- some tables of a run may be taken back already
        and (rollbacks.phase is distinct from 'done' or not rollbacks.whole)
        and (batches.inserted + batches.updated > 0 or run_entities.pruned > 0)
    )
$$;

comment on function landfall.newer_runs is
$$Lists later runs that wrote the same tables, each with how many of this run's rows it changed.$$;


create function landfall.begin_rollback(run_id bigint, options jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_run     landfall.runs;
  v_options constant jsonb := jsonb_build_object(
    'force', coalesce((begin_rollback.options ->> 'force')::boolean, false),
    'tables', begin_rollback.options -> 'tables',
    'sourceCompany', begin_rollback.options -> 'sourceCompany'
  );
  v_newer   jsonb;
  v_active  bigint;
begin
  perform landfall.check_rollback(begin_rollback.run_id, begin_rollback.options);
  perform landfall.lock_run(begin_rollback.run_id);

  select runs.* into v_run from landfall.runs where runs.id = begin_rollback.run_id;

  if v_run.state = 'rolling_back' then
    if not v_run.rollback @> v_options then
      raise exception using
        errcode = 'LF402',
        message = format('Run %s is being rolled back already, with other options', v_run.id),
        detail  = format('It was asked for by %s.', v_run.rollback ->> 'requestedBy'),
        hint    = 'Continue it with the same options, and roll back again afterwards.';
    end if;

    return;
  end if;

  v_newer := landfall.newer_runs(v_run.id, v_options);

  if v_newer <> '[]' and not coalesce((begin_rollback.options ->> 'anyOrder')::boolean, false) then
    raise exception using
      errcode = 'LF401',
      message = format(
        'Cannot roll back run %s: run %s is newer', v_run.id, v_newer -> -1 ->> 'runId'
      ),
      detail  = (
        select string_agg(
          format('Run %s has written the same tables and changed %s of its rows.',
            newer ->> 'runId', newer ->> 'changed'),
          ' ' order by (newer ->> 'runId')::bigint
        )
        from jsonb_array_elements(v_newer) as newer
      ),
      hint    = 'Roll back the newest run first. Or set anyOrder: rows that newer runs changed, or '
                'refer to, stay and are listed; a preview shows which.';
  end if;

  select runs.id
  into v_active
  from landfall.runs
  join landfall.run_states on run_states.name = runs.state and run_states.active
  where runs.pipeline = v_run.pipeline
    and runs.id <> v_run.id;

  if v_active is not null then
    raise exception using
      errcode = 'LF202',
      message = format('Pipeline %s has an active run: run %s', v_run.pipeline, v_active),
      detail  = 'It may read or write the rows that are to be undone.',
      hint    = format('Let run %s end, or cancel it.', v_active);
  end if;

  -- a roll-back that has begun must be able to end
  perform landfall.check_undo(run_entities.entity_id)
  from landfall.run_entities
  join landfall.entities on entities.id = run_entities.entity_id
  where run_entities.run_id = v_run.id
    and (v_options -> 'tables' = 'null' or v_options -> 'tables' ? entities.name);

  perform landfall.move_run(v_run.id, 'rolling_back');

  update landfall.runs
  set rollback = v_options || jsonb_build_object(
    'requestedBy', coalesce(begin_rollback.options ->> 'requestedBy', current_user),
    'fromState', v_run.state,
    'startedAt', clock_timestamp()
  )
  where runs.id = v_run.id;

  insert into landfall.rollbacks as known (run_id, entity_id, whole, expected)
  select
    run_entities.run_id, run_entities.entity_id,
    v_options -> 'sourceCompany' = 'null'
      or coalesce(v_options -> 'sourceCompany' @> (v_run.options -> 'sourceCompany'), false),
    case
      when v_options -> 'sourceCompany' = 'null'
        then run_entities.pruned + coalesce(sum(batches.inserted + batches.updated), 0)
      else (
        select count(*)
        from landfall.lineage
        where lineage.entity_id = run_entities.entity_id
          and lineage.run_id = v_run.id
          and lineage.scope_key = any (landfall.scopes_of(v_options))
      )
    end
  from landfall.run_entities
  join landfall.entities on entities.id = run_entities.entity_id
  left join landfall.batches using (run_id, entity_id)
  where run_entities.run_id = v_run.id
    and (v_options -> 'tables' = 'null' or v_options -> 'tables' ? entities.name)
  group by run_entities.run_id, run_entities.entity_id
  on conflict on constraint rollbacks_pkey do update
  set
    whole = known.whole or excluded.whole, expected = excluded.expected,
    phase = 'put back', pass = 0, shape = null, undone_to = null, held = 0, seen = 0,
    started_at = null, finished_at = null;

  delete from landfall.leftovers
  using landfall.rollbacks
  where rollbacks.run_id = v_run.id
    and rollbacks.phase = 'put back'
    and leftovers.run_id = rollbacks.run_id
    and leftovers.entity_id = rollbacks.entity_id
    and leftovers.occasion = 'rollback';
end
$$;

comment on function landfall.begin_rollback is
$$Begins to roll a run back, or joins whoever does so already.

Raises LF106 when a table is gone, LF202 while another run of the pipeline is active, LF212 when
service_role lacks a grant, LF401 when a newer run has written the same tables, LF402 when the run
is being rolled back with other options.$$;

select landfall.close_doors();
