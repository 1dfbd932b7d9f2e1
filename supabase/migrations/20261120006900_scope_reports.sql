/*
 * Chapter 69: scope reports. What became of each tenant's rows, and whether each is where it
 * belongs.
 *
 * Reads  landfall.run_scopes, lineage, rejects, deferred, the transforms, the targets
 * Writes landfall.differences
 * Holds  no row is of another tenant than the row it refers to, or it is said
 */

create function landfall.run_scope_report(run_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'count', count(*),
      'stopped', coalesce(
        jsonb_agg(
          jsonb_build_object('company', run_scopes.scope_key, 'error', run_scopes.error)
          order by run_scopes.scope_key
        ) filter (where run_scopes.error is not null),
        '[]'
      )
    )
    from landfall.run_scopes
    where run_scopes.run_id = run_scope_report.run_id
    having count(*) > 0
  );
end
$$;

comment on function landfall.run_scope_report is
$$Counts the tenants of a run and lists those it has stopped, and why: {count, stopped}. Null for a
run without any.$$;


create function landfall.scope_report(pipeline text)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
  set work_mem = '32MB'
as $$
declare
  v_pipeline landfall.pipelines;
  v_entities int[];
  v_source   text;
  v_report   jsonb;
begin
  select pipelines.*
  into v_pipeline
  from landfall.pipelines
  where pipelines.name = scope_report.pipeline;

  select
    array_agg(entities.id),
    coalesce(
      string_agg(
        format(
          'select row_.scope_key, count(*), count(*) filter (where lineage.source_key is null)'
          ' from %s as row_ left join landfall.lineage on lineage.entity_id = %s'
          ' and lineage.source_key = row_.source_key group by row_.scope_key',
          entities.transform,   -- a relation, quoted by Postgres
          entities.id
        ),
        E'\n          union all '
      ),
      'select null::text, 0, 0 where false'
    )
  into v_entities, v_source
  from landfall.entities
  where entities.pipeline = scope_report.pipeline;

  execute format(
    $sql$
      with listed as (
        select scope_key, min(label) as label from %2$s as named group by scope_key
      ),

      counted (scope_key, source, left_over, migrated, rejected, deferred) as (
        select scope_key, rows, left_over, 0, 0, 0
        from (
          %1$s
        ) as source (scope_key, rows, left_over)

        union all
        select lineage.scope_key, 0, 0, count(*), 0, 0
        from landfall.lineage
        where lineage.entity_id = any ($1)
        group by lineage.scope_key

        union all
        select rejects.scope_key, 0, 0, 0, count(*), 0
        from landfall.rejects
        where rejects.entity_id = any ($1) and rejects.settled_by is null
        group by rejects.scope_key

        union all
        select deferred.scope_key, 0, 0, 0, 0, count(*)
        from landfall.deferred
        where deferred.entity_id = any ($1) and deferred.settled_by is null
        group by deferred.scope_key

        union all
        select listed.scope_key, 0, 0, 0, 0, 0
        from listed
      ),

      summed as (
        select
          counted.scope_key, sum(counted.source) as source,
          sum(counted.left_over) as left_over, sum(counted.migrated) as migrated,
          sum(counted.rejected) as rejected, sum(counted.deferred) as deferred
        from counted
        group by counted.scope_key
      )

      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'company', summed.scope_key,
            'name', listed.label,
            'state', case
              when summed.migrated = 0 then 'not migrated'
              when summed.left_over + summed.rejected + summed.deferred = 0 then 'migrated'
              else 'partly'
            end,
            'source', summed.source,
            'migrated', summed.migrated,
            'rejected', summed.rejected,
            'deferred', summed.deferred
          )
          order by listed.label, summed.scope_key
        ),
        '[]'
      )
      from summed
      left join listed on listed.scope_key = summed.scope_key
    $sql$,
    v_source,            -- %1$s  as above
    v_pipeline.scopes    -- %2$s  a relation, quoted by Postgres
  )
  into v_report
  using v_entities;

  return v_report;
end
$$;

comment on function landfall.scope_report is
$$Lists the tenants of a pipeline, each with what became of its rows: not migrated, partly or
migrated. Rows of nobody have a null company.$$;


create function landfall.verify_scopes(
  verification landfall.verifications,
  entity landfall.verified_entities,
  shape jsonb
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_check record;
  v_found jsonb;
begin
  for v_check in
    select checks.item, parents.id, landfall.target_shape(to_regclass(parents.target)) as shape
    from jsonb_array_elements(verify_scopes.shape -> 'orphans') as checks (item)
    join landfall.entities as parents
      on parents.pipeline = verification.pipeline
      and parents.target = checks.item ->> 'parent'
    where checks.item ->> 'kind' = 'foreign key'
  loop
    execute format(
      $sql$
        select jsonb_build_object(
          'kind', 'scope', 'name', $1, 'count', count(*),
          'sample', to_jsonb((array_agg(
            jsonb_build_object(
              'sourceKey', lineage.source_key, 'targetKey', lineage.target_key,
              'expected', lineage.scope_key, 'actual', theirs.scope_key
            )
            order by lineage.source_key
          ))[1:$2])
        )
        from landfall.lineage
        join %1$s as row_ on %2$s
        join %3$s as parent on %4$s
        join landfall.lineage as theirs
          on theirs.entity_id = $4
          and theirs.target_key = %5$s
        where lineage.entity_id = $3
          and ($5 is null or lineage.run_id = $5)
          -- what is of no tenant may be shared by all
          and theirs.scope_key is not null
          and lineage.scope_key is distinct from theirs.scope_key%6$s
      $sql$,
      verify_scopes.shape ->> 'target',                      -- %1$s  a relation
      landfall.same_target_sql(verify_scopes.shape, 'row_', 'lineage.target_key'),   -- %2$s
      v_check.item ->> 'parent',                             -- %3$s  a relation
      v_check.item ->> 'match',                              -- %4$s  derived from the catalog
      landfall.key_text(v_check.shape, 'parent'),            -- %5$s  derived from the catalog
      landfall.scopes_sql(verify_scopes.shape, 'lineage')    -- %6$s  a condition, quoted
    )
    into v_found
    using
      format('of another company than its row in %s', v_check.item ->> 'parent'),
      coalesce((verification.options ->> 'samples')::int, 5),
      entity.entity_id, v_check.id, verification.run_id;

    perform landfall.add_differences(
      verification.id, entity.entity_id, jsonb_build_array(v_found)
    );
  end loop;
end
$$;

comment on function landfall.verify_scopes is
$$Verifies that every migrated row is of the same tenant as the rows it refers to, whatever the
transforms say: by lineage and the target's foreign keys.$$;

select landfall.close_doors();
