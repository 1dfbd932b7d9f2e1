/*
 * Chapter 17: advance. A worker's turn: claim a batch, write it, or take the step that lets the
 * run go on (open an entity, cut its batches, close it, finish the run).
 *
 * Reads  landfall.runs, run_entities, batches
 * Writes the same, and whatever a batch writes
 * Holds  a turn is one transaction: a crash anywhere loses nothing and repeats nothing
 */

create function landfall.open_entity(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_run     landfall.runs;
  v_entity  landfall.entities;
  v_mine    landfall.run_entities;
  v_shape   jsonb;
  v_rules   jsonb;
  v_known   boolean;
  v_rule    jsonb;
begin
  select runs.* into v_run from landfall.runs where runs.id = open_entity.run_id;
  select entities.* into v_entity from landfall.entities where entities.id = open_entity.entity_id;

  select run_entities.*
  into v_mine
  from landfall.run_entities
  where run_entities.run_id = open_entity.run_id
    and run_entities.entity_id = open_entity.entity_id;

  v_known :=
    exists (select from landfall.lineage where lineage.entity_id = v_entity.id)
    or exists (select from landfall.deferred where deferred.entity_id = v_entity.id)
    or exists (
      select from landfall.rejects
      where rejects.entity_id = v_entity.id and rejects.settled_by is null
    );

  select coalesce(
    jsonb_agg(
      to_jsonb(active) - 'entity_id' - 'nth' || jsonb_build_object('column', 'lf_rule_' || nth)
      order by nth
    ),
    '[]'
  )
  into v_rules
  from (
    select
      rules.entity_id, rules.name, rules.condition, rules.query, rules.reason,
      coalesce(v_run.options #>> array['ruleActions', rules.name], rules.action) as action,
      row_number() over (order by rules.name) as nth
    from landfall.rules
    where rules.entity_id = v_entity.id
      and not coalesce((v_run.options ->> 'skipValidation')::boolean, false)
  ) as active
  where active.action <> 'off';

  v_shape := landfall.entity_shape(to_regclass(v_entity.target), to_regclass(v_entity.transform));
  v_shape := v_shape || jsonb_build_object(
    'known', v_known,
    'byKey', v_mine.by_key,
    'onExisting', coalesce(v_run.options ->> 'onExisting', 'reject'),
    'secretFields', v_entity.secret_fields,
    'rules', v_rules,
    'defers', (v_shape ->> 'waits')::boolean
      or v_rules @? '$[*] ? (@.action == "defer" && @.condition != null)',
    'checks', (
      select coalesce(jsonb_agg(checks.item order by checks.rank, checks.nth), '[]')
      from (
        select
          case when item ->> 'kind' = 'foreign key' then 4 else 1 end as rank, nth,
          item || case
            when (item ->> 'toKey')::boolean and jsonb_array_length(item -> 'columns') = 1
              then jsonb_build_object('rejectedParent', (
                select entities.id
                from landfall.entities
                where entities.pipeline = v_entity.pipeline
                  and entities.target = item ->> 'parent'
              ))
            else '{}'
          end as item
        from jsonb_array_elements(v_shape -> 'checks') with ordinality as derived (item, nth)

        union all
        select
          case when rule.item ->> 'query' is null then 2 else 3 end, rule.nth,
          jsonb_build_object(
            'kind', 'rule',
            'reason', rule.item ->> 'reason',
            'sql', case
              when rule.item ->> 'query' is null then format('row_.%I', rule.item ->> 'column')
              else format(
                'not exists (select from landfall.flagged where flagged.run_id = $1'
                ' and flagged.entity_id = $2 and flagged.source_key = row_.lf_key'
                ' and flagged.rule = %L)',
                rule.item ->> 'name'
              )
            end
          )
        from jsonb_array_elements(v_rules) with ordinality as rule (item, nth)
        where rule.item ->> 'action' = 'reject'

        union all
        select
          5, 1,
          jsonb_build_object(
            'kind', 'key',
            'reason', 'its primary key is no longer the one it was written with',
            'sql', format(
              'row_.lf_known_key is null or row_.lf_known_key = %s',
              landfall.key_text(v_shape, 'row_')
            )
          )
        where v_known
      ) as checks
    )
  );

  for v_rule in
    select item
    from jsonb_array_elements(v_rules) as item
    where item ->> 'query' is not null
  loop
    if v_rule ->> 'action' = 'reject' then
      execute format(
        $sql$
          insert into landfall.flagged (run_id, entity_id, source_key, rule)
          select distinct $1, $2, source_key, $3
          from (%s) as failing
          where source_key is not null
        $sql$,
        v_rule ->> 'query'   -- the author's query, parsed when it was defined
      )
      using open_entity.run_id, open_entity.entity_id, v_rule ->> 'name';
    else
      execute format(
        $sql$
          insert into landfall.findings (run_id, entity_id, name, count, sample)
          select $1, $2, $3, count(*), coalesce((array_agg(source_key order by source_key))[1:5], '{}')
          from (%s) as failing
        $sql$,
        v_rule ->> 'query'   -- the author's query, parsed when it was defined
      )
      using open_entity.run_id, open_entity.entity_id, v_rule ->> 'name';
    end if;
  end loop;

  update landfall.run_entities
  set
    state = 'planning',
    shape = v_shape,
    known = v_known,
    started_at = clock_timestamp()
  where run_entities.run_id = open_entity.run_id
    and run_entities.entity_id = open_entity.entity_id;
end
$$;

comment on function landfall.open_entity is
$$Opens an entity whose parents are done: derives its shape and asks the rules with a query.$$;


create function landfall.analyze_target(entity_id int)
  returns void
  language plpgsql
  volatile
  -- definer: only the owner of a table may analyze it, and children are planned by what it finds
  security definer
  set search_path = ''
as $$
begin
  execute format(
    'analyze %s',
    (select entities.target from landfall.entities where entities.id = analyze_target.entity_id)
  );
end
$$;

comment on function landfall.analyze_target is
$$Refreshes the planner's statistics of an entity's target.$$;


create function landfall.close_entity(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_column  jsonb;
  v_shape   jsonb;
begin
  perform landfall.analyze_target(close_entity.entity_id);

  update landfall.run_entities
  set
    state = 'done',
    finished_at = clock_timestamp()
  where run_entities.run_id = close_entity.run_id
    and run_entities.entity_id = close_entity.entity_id
  returning shape into v_shape;

  -- a sequence keeps what it is given even when the transaction is undone: not in a rehearsal
  if close_entity.run_id > 0 then
    for v_column in
      select item
      from jsonb_array_elements(landfall.written_columns(v_shape)) as item
      where item ->> 'expression' like '%nextval(%'
    loop
      execute format(
        $sql$
          select setval(sequence.name, highest.value)
          from (
            select pg_get_serial_sequence(%1$L, %2$L)::regclass as name
          ) as sequence
          cross join (select max(%3$I) as value from %4$s) as highest
          where highest.value > coalesce(pg_sequence_last_value(sequence.name), 0)
        $sql$,
        v_shape ->> 'target',
        v_column ->> 'name',
        v_column ->> 'name',
        v_shape ->> 'target'   -- a table, quoted by Postgres
      );
    end loop;
  end if;
end
$$;

comment on function landfall.close_entity is
$$Closes an entity without batches left: statistics refreshed, sequences past the highest value.$$;


create function landfall.take_batch(run_id bigint, entity_id int, shape jsonb, batch_size int)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  c_aim_ms  constant int := 1000;
  c_most    constant int := 20;
  v_recent  record;
  v_batch   landfall.batches;
  v_counts  jsonb;
  v_started timestamptz;
begin
  -- the last batches say how many planned neighbours make about a second's work
  select
    least(
      c_most,
      4 * max(recent.source) / 500,
      c_aim_ms * sum(recent.source) / 500
        / greatest(1, extract(epoch from sum(recent.finished_at - recent.started_at)) * 1000)
    )::int as neighbours
  into v_recent
  from (
    select batches.*
    from landfall.batches
    where batches.run_id = take_batch.run_id
      and batches.entity_id = take_batch.entity_id
      and batches.done
    order by batches.seq desc
    limit 3
  ) as recent;

  select claimed.*
  into v_batch
  from landfall.claim_batch(
    take_batch.run_id,
    take_batch.entity_id,
    case when take_batch.batch_size is null then greatest(coalesce(v_recent.neighbours, 2), 1) else 1 end
  ) as claimed;

  if v_batch.seq is null then
    return null;
  end if;

  v_started := clock_timestamp();
  v_counts := landfall.write_batch(
    take_batch.run_id, take_batch.entity_id, take_batch.shape, v_batch.from_key, v_batch.to_key
  );

  update landfall.batches
  set
    done = true,
    source = (v_counts ->> 'source')::int,
    inserted = (v_counts ->> 'inserted')::int,
    updated = (v_counts ->> 'updated')::int,
    unchanged = (v_counts ->> 'unchanged')::int,
    rejected = (v_counts ->> 'rejected')::int,
    deferred = (v_counts ->> 'deferred')::int,
    findings = coalesce(v_counts -> 'findings', '{}'),
    started_at = v_started,
    finished_at = clock_timestamp()
  where batches.run_id = v_batch.run_id
    and batches.entity_id = v_batch.entity_id
    and batches.seq = v_batch.seq;

  return v_batch.planned_rows;
end
$$;

comment on function landfall.take_batch is
$$Claims a batch of an entity and writes it; returns its planned rows, or null without a batch.

A batch aims at about a second, unless its size is given.$$;


create function landfall.next_step(run_id bigint, batch_size int)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity landfall.run_entities;
  v_rows   int;
begin
  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id and run_entities.state = 'planning'
    order by run_entities.place
    for update skip locked
  loop
    if landfall.plan_batches(next_step.run_id, v_entity.entity_id) then
      update landfall.run_entities
      set state = 'open'
      where run_entities.run_id = next_step.run_id
        and run_entities.entity_id = v_entity.entity_id;
    end if;

    return 0;
  end loop;

  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id and run_entities.state in ('planning', 'open')
    order by run_entities.place
  loop
    -- what is decided in order is decided by one worker
    if v_entity.contested is not null then
      perform
      from landfall.run_entities
      where run_entities.run_id = next_step.run_id
        and run_entities.entity_id = v_entity.entity_id
      for update skip locked;

      continue when not found;
    end if;

    v_rows := landfall.take_batch(
      next_step.run_id, v_entity.entity_id, v_entity.shape, next_step.batch_size
    );

    if v_rows is not null then
      return v_rows;
    end if;
  end loop;

  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id
      and run_entities.state = 'open'
      and not exists (
        select
        from landfall.batches
        where batches.run_id = run_entities.run_id
          and batches.entity_id = run_entities.entity_id
          and not batches.done
      )
    order by run_entities.place
    for update skip locked
  loop
    if not landfall.take_back(next_step.run_id, v_entity.entity_id) then
      perform landfall.close_entity(next_step.run_id, v_entity.entity_id);
    end if;

    return 0;
  end loop;

  for v_entity in
    select run_entities.*
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id
      and run_entities.state = 'waiting'
      and not exists (
        select
        from landfall.entity_parents
        join landfall.run_entities as parents
          on parents.run_id = run_entities.run_id
          and parents.entity_id = entity_parents.parent_id
        where entity_parents.child_id = run_entities.entity_id
          and parents.state <> 'done'
      )
    order by run_entities.place
    for update skip locked
  loop
    perform landfall.open_entity(next_step.run_id, v_entity.entity_id);
    return 0;
  end loop;

  if not exists (
    select
    from landfall.run_entities
    where run_entities.run_id = next_step.run_id and run_entities.state <> 'done'
  ) then
    perform landfall.move_run(next_step.run_id, 'completed');
  end if;

  return null;
end
$$;

comment on function landfall.next_step is
$$Takes the next step of a run: plan, write a batch, close, open, or finish.

Returns the rows it handled, 0 for a step without rows, null when there was nothing to do:
another worker holds what is left, or the run is over.$$;


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

  v_most := case
    when v_budget like '%\%' then v_rows * rtrim(v_budget, '%')::numeric / 100
    else v_budget::numeric
  end;

  if v_rejected > v_most then
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
$$Fails a run whose rejects exceed its option maxRejects, a number or a share of all its rows.$$;


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
  -- a batch is some thousand rows: it fits
  set work_mem = '32MB'
as $$
declare
  c_attempts constant int := 5;
  v_started  constant timestamptz := clock_timestamp();
  v_run      landfall.runs;
  v_rows     bigint := 0;
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

  if v_run.id is null or v_run.state = 'planned' then
    perform landfall.move_run(advance_run.run_id, 'running');
    v_run.state := 'running';
  end if;

  while v_run.state = 'running' loop
    begin
      v_step := landfall.next_step(
        advance_run.run_id, (v_run.options ->> 'batchSize')::int
      );
    exception when deadlock_detected or serialization_failure then
      v_attempt := v_attempt + 1;

      if v_attempt = c_attempts then
        raise;
      end if;

      continue;
    end;

    exit when v_step is null;
    v_rows := v_rows + v_step;

    if v_step > 0 then
      perform landfall.stop_past_budget(advance_run.run_id);
    end if;

    select runs.state into v_run.state from landfall.runs where runs.id = advance_run.run_id;

    -- what lets others go on is committed at once, unless this is a rehearsal
    exit when advance_run.run_id > 0 and (
      v_step = 0
      or clock_timestamp() > v_started + advance_run.budget_ms * interval '1 millisecond'
    );
  end loop;

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
