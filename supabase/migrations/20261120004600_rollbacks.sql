/*
 * Chapter 46: rollbacks. A run is taken back entity by entity; how far each is, is kept, so that
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
  scopes       text[],
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
comment on column landfall.rollbacks.scopes is
$$The tenants whose rows were to be undone; null for all, by one roll-back or by several.$$;
comment on column landfall.rollbacks.pass is
$$Rows held by rows of the same table, or by a unique value, are tried again as long as each pass
undoes some.$$;
comment on column landfall.rollbacks.seen is
$$Rows looked at in the first pass, for progress.$$;


create function landfall.undo_reach(pass int)
  returns int
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return 20000 * (2 ^ least(undo_reach.pass, 12))::int;
end
$$;

comment on function landfall.undo_reach is
$$Says how many rows a pass undoes together. Each pass reaches further: rows that refer to each
other may stand far apart.$$;


create function landfall.newer_runs(run_id bigint, options jsonb)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
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
    cross join lateral (
      select coalesce(
        landfall.scopes_of(newer_runs.options), landfall.scopes_of(runs.options)
      ) as scopes
    ) as mine
    where runs.id = newer_runs.run_id
      -- runs of other tenants' rows do not matter, unless they took some over
      and (
        coalesce(mine.scopes && landfall.scopes_of(newer.options), true)
        or exists (
          select
          from landfall.changes
          where changes.run_id = newer.id
            and changes.before_run_id = runs.id
            and changes.before_scope_key = any (mine.scopes)
        )
      )
      and exists (
        select
        from landfall.run_entities
        left join landfall.batches using (run_id, entity_id)
        left join landfall.rollbacks using (run_id, entity_id)
        where run_entities.run_id = newer.id
          and run_entities.entity_id in (select taken.id from taken)
          -- some of a run may be taken back already
          and (
            rollbacks.phase is distinct from 'done'
            or coalesce(not rollbacks.scopes @> mine.scopes, rollbacks.scopes is not null)
          )
          and (batches.inserted + batches.updated > 0 or run_entities.pruned > 0)
      )
  );
end
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
    if exists (
      select from jsonb_each(v_options) as asked (name, value)
      where v_run.rollback -> asked.name is distinct from asked.value
    ) then
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

  perform landfall.take_leases_back(v_run.id);

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

  perform landfall.plan_rollback(v_run.id, v_options);
end
$$;

comment on function landfall.begin_rollback is
$$Begins to roll a run back, or joins whoever does so already.

Raises LF106 when a table is gone, LF202 while another run of the pipeline is active, LF212 when
service_role lacks a grant, LF401 when a newer run has written the same tables, LF402 when the run
is being rolled back with other options.$$;

select landfall.close_doors();
