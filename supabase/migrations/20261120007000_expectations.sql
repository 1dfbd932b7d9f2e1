/*
 * Chapter 70: expectations. Before a run begins, it counts what it is going to take: of each
 * entity, and of each tenant.
 *
 * Reads  the transforms, landfall.run_keys, rejects, deferred
 * Writes landfall.run_entities, run_keys, run_scopes
 * Holds  a view that fails for some row is found before anything is written
 */

create function landfall.count_source(transform text, scopes jsonb default '{}')
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_rows    jsonb;
  v_context text;
begin
  execute format(
    $sql$
      select jsonb_build_object(
        'rows', coalesce(sum(counted.rows), 0),
        'scopes', coalesce(
          jsonb_object_agg(counted.scope_key, counted.rows)
            filter (where counted.scope_key is not null),
          '{}'
        )
      )
      from (
        select %2$s as scope_key, count(*) as rows
        from %1$s as row_
        where true%3$s
        group by 1
      ) as counted
    $sql$,
    count_source.transform,   -- %1$s  a relation, quoted by Postgres
    case when (scopes ->> 'scoped')::boolean then 'row_.scope_key' else 'null::text' end,
    landfall.scopes_sql(count_source.scopes)   -- %3$s  a condition, its values quoted
  )
  into v_rows;

  return v_rows;
exception when others then
  get stacked diagnostics v_context = pg_exception_context;

  if not landfall.is_data_error(sqlstate, v_context) then
    raise;
  end if;

  raise exception using
    errcode = 'LF302',
    message = format('%s fails outside its columns', count_source.transform),
    detail  = 'Its rows cannot even be counted: a condition or a join fails for one of them.',
    hint    = 'Make the conditions and joins of the view safe for every row.';
end
$$;

comment on function landfall.count_source is
$$Counts the rows of a transform, or of some of its tenants: {rows, scopes: {scope: rows}}; raises
LF302 when a condition of the view fails.$$;


create function landfall.narrow_keys(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_transform text := (
    select entities.transform from landfall.entities where entities.id = narrow_keys.entity_id
  );
  v_scopes    jsonb := (
    select jsonb_build_object('scopes', runs.options -> 'sourceCompany')
    from landfall.runs
    where runs.id = narrow_keys.run_id
  );
begin
  execute format(
    $sql$
      delete from landfall.run_keys
      where run_keys.run_id = $1
        and run_keys.entity_id = $2
        and not exists (
          select from %s as row_ where row_.source_key = run_keys.source_key%s
        )
    $sql$,
    v_transform,                       -- a relation, quoted by Postgres
    landfall.scopes_sql(v_scopes)      -- a condition, its values quoted
  )
  using narrow_keys.run_id, narrow_keys.entity_id;
end
$$;

comment on function landfall.narrow_keys is
$$Leaves to a run that takes some keys those that are of its tenants now, whosesoever they were.$$;


create function landfall.expect_rows(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_options jsonb := (select runs.options from landfall.runs where runs.id = expect_rows.run_id);
  v_by_key  boolean;
  v_entity  landfall.entities;
  v_rows    jsonb;
begin
  select run_entities.by_key
  into v_by_key
  from landfall.run_entities
  where run_entities.run_id = expect_rows.run_id
    and run_entities.entity_id = expect_rows.entity_id;

  if v_by_key then
    select jsonb_build_object(
      'rows', coalesce(sum(counted.rows), 0),
      'scopes', coalesce(
        jsonb_object_agg(counted.scope_key, counted.rows)
          filter (where counted.scope_key is not null),
        '{}'
      )
    )
    into v_rows
    from (
      select
        coalesce(
          (
            select max(rejects.scope_key)
            from landfall.rejects
            where rejects.entity_id = run_keys.entity_id
              and rejects.source_key = run_keys.source_key
              and rejects.settled_by is null
          ),
          (
            select deferred.scope_key
            from landfall.deferred
            where deferred.entity_id = run_keys.entity_id
              and deferred.source_key = run_keys.source_key
          )
        ) as scope_key,
        count(*) as rows
      from landfall.run_keys
      where run_keys.run_id = expect_rows.run_id
        and run_keys.entity_id = expect_rows.entity_id
      group by 1
    ) as counted;
  else
    select entities.* into v_entity from landfall.entities where id = expect_rows.entity_id;

    v_rows := landfall.count_source(v_entity.transform, jsonb_build_object(
      'scopes', v_options -> 'sourceCompany',
      'scoped', (
        select pipelines.scopes is not null
        from landfall.pipelines
        where pipelines.name = v_entity.pipeline
      )
    ));
  end if;

  insert into landfall.run_scopes as known (run_id, scope_key, expected_rows)
  select
    expect_rows.run_id, scopes.scope_key,
    coalesce((v_rows -> 'scopes' ->> scopes.scope_key)::bigint, 0)
  from (
    select jsonb_object_keys(v_rows -> 'scopes') as scope_key
    union
    select unnest(landfall.scopes_of(v_options))
  ) as scopes
  on conflict on constraint run_scopes_pkey do update
  set expected_rows = known.expected_rows + excluded.expected_rows;

  update landfall.run_entities
  set expected_rows = least((v_rows ->> 'rows')::bigint, (v_options ->> 'limit')::numeric::bigint)
  where run_entities.run_id = expect_rows.run_id
    and run_entities.entity_id = expect_rows.entity_id;
end
$$;

comment on function landfall.expect_rows is
$$Counts what a run is going to take of an entity, and of which tenants.$$;

select landfall.close_doors();
