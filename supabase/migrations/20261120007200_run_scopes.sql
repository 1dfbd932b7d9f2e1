/*
 * Chapter 72: tenants of a run. Whose rows have vanished, whose are rejected, and who is stopped
 * while the others go on.
 *
 * Reads  landfall.batches, rejects, the transforms
 * Writes landfall.run_scopes, vanished, findings, runs
 * Holds  what befalls one tenant's rows leaves the others' alone
 */

create function landfall.place_vanished(run_id bigint, entity_id int, shape jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  insert into landfall.run_scopes (run_id, scope_key)
  select distinct vanished.run_id, vanished.scope_key
  from landfall.vanished
  where vanished.run_id = place_vanished.run_id
    and vanished.entity_id = place_vanished.entity_id
    and vanished.scope_key is not null
  on conflict on constraint run_scopes_pkey do nothing;

  if landfall.scopes_sql(place_vanished.shape) = '' then
    return;
  end if;

  execute format(
    $sql$
      with moved as (
        delete from landfall.vanished
        where vanished.run_id = $1
          and vanished.entity_id = $2
          and vanished.waiting_for is null
          and exists (select from %s as row_ where row_.source_key = vanished.source_key)
        returning vanished.source_key
      )

      insert into landfall.findings (run_id, entity_id, name, count, sample)
      select
        $1, $2, 'moved', count(*), (array_agg(moved.source_key order by moved.source_key))[1:5]
      from moved
      having count(*) > 0
    $sql$,
    place_vanished.shape ->> 'transform'   -- a relation, quoted by Postgres
  )
  using place_vanished.run_id, place_vanished.entity_id;
end
$$;

comment on function landfall.place_vanished is
$$Notes whose the vanished keys of a run are. Of a run of some tenants, those that are another
tenant's now have not vanished: they become the finding "moved".$$;


create function landfall.rejected_of(batch landfall.batches, shape jsonb)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_counts jsonb;
begin
  execute format(
    $sql$
      select coalesce(jsonb_object_agg(counted.scope_key, counted.rows), '{}')
      from (
        select rejects.scope_key, count(*) as rows
        from landfall.rejects
        where rejects.run_id = $1
          and rejects.entity_id = $2
          and %s between $3 and $4
          and rejects.scope_key is not null
          -- what is decided again stands among rows that were decided before
          and (
            not $5
            or exists (
              select
              from landfall.run_keys
              where run_keys.run_id = rejects.run_id
                and run_keys.entity_id = rejects.entity_id
                and run_keys.source_key = rejects.source_key
            )
          )
        group by rejects.scope_key
      ) as counted
    $sql$,
    landfall.key_sql(rejected_of.shape, 'rejects')   -- a column, and a name Postgres quoted
  )
  into v_counts
  using
    batch.run_id, batch.entity_id, batch.from_key, batch.to_key,
    coalesce((rejected_of.shape ->> 'inOrder')::boolean, false);

  return v_counts;
end
$$;

comment on function landfall.rejected_of is
$$Counts the rejects of a batch by tenant.$$;


create function landfall.without_stopped(run_id bigint, shape jsonb)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select without_stopped.shape || case
      when count(*) = 0 then '{}'
      else jsonb_build_object('stopped', jsonb_agg(run_scopes.scope_key))
    end
    from landfall.run_scopes
    where run_scopes.run_id = without_stopped.run_id
      and run_scopes.error is not null
  );
end
$$;

comment on function landfall.without_stopped is
$$Adds to a shape the tenants of which the run takes no more rows.$$;


create function landfall.unless_all(run_id bigint, scopes text[])
  returns text[]
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select unless_all.scopes
    from landfall.runs
    where runs.id = unless_all.run_id
      and (
        exists (
          select
          from landfall.run_scopes
          where run_scopes.run_id = runs.id
            and run_scopes.scope_key <> all (unless_all.scopes)
        )
        or not runs.options ? 'sourceCompany' and exists (
          select
          from landfall.run_entities
          join landfall.lineage on lineage.entity_id = run_entities.entity_id
          where run_entities.run_id = runs.id
            and lineage.run_id = runs.id
            and lineage.scope_key is null
        )
      )
  );
end
$$;

comment on function landfall.unless_all is
$$Gives back the tenants given, or null when they are all of whom a run has rows.$$;


create function landfall.spare_stopped(run_id bigint)
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  delete from landfall.vanished
  using landfall.run_scopes
  where vanished.run_id = spare_stopped.run_id
    and run_scopes.run_id = vanished.run_id
    and run_scopes.scope_key = vanished.scope_key
    and run_scopes.error is not null
$$;

comment on function landfall.spare_stopped is
$$Keeps a run from pruning the rows of tenants that it has stopped: too little is known of them.$$;


create function landfall.stop_scopes(run_id bigint, budget text)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_spent text[] := array(
    select run_scopes.scope_key
    from landfall.run_scopes
    join landfall.batches on batches.run_id = run_scopes.run_id
    cross join jsonb_each_text(batches.rejected_of) as rejected (scope_key, rows)
    where run_scopes.run_id = stop_scopes.run_id
      and run_scopes.error is null
      and rejected.scope_key = run_scopes.scope_key
    group by run_scopes.run_id, run_scopes.scope_key
    having sum(rejected.rows::bigint) > case
      when stop_scopes.budget like '%\%'
        then run_scopes.expected_rows * rtrim(stop_scopes.budget, '%')::numeric / 100
      else stop_scopes.budget::numeric
    end
    order by run_scopes.scope_key
  );
  v_error jsonb := jsonb_build_object(
    'code', 'LF211',
    'message', format('more rows are rejected than the %s allowed', stop_scopes.budget)
  );
begin
  if cardinality(v_spent) = 0 then
    return;
  end if;

  if exists (
    select
    from landfall.run_scopes
    where run_scopes.run_id = stop_scopes.run_id
      and run_scopes.error is null
      and run_scopes.scope_key <> all (v_spent)
  ) then
    update landfall.run_scopes
    set error = v_error
    where run_scopes.run_id = stop_scopes.run_id
      and run_scopes.scope_key = any (v_spent);
  else
    -- nobody is left: these have missed nothing yet, and go on when the run is resumed
    perform landfall.move_run(stop_scopes.run_id, 'failed', v_error || jsonb_build_object(
      'message', format('Of all source companies left, more rows are rejected than the %s allowed',
        stop_scopes.budget),
      'hint', 'Mend the rows or the view and resume the run, or cancel it.'
    ));
  end if;
end
$$;

comment on function landfall.stop_scopes is
$$Stops the tenants of a run whose rejects exceed its budget; the others go on. Fails the run when
none would be left.$$;

select landfall.close_doors();
