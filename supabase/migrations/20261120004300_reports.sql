/*
 * Chapter 43: reports. One document for a dry run, a run under way and a run long past, and one for
 * all pipelines.
 *
 * Reads  landfall.runs, entities, lineage, rejects, deferred, rebuilds
 * Writes nothing
 * Holds  what a report says can be counted again from the tables
 */

create function landfall.run_report(run_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
  set statement_timeout = '60s'
as $$
declare
  v_run landfall.runs;
begin
  select runs.* into v_run from landfall.runs where runs.id = run_report.run_id;

  if v_run.id is null then
    raise exception using
      errcode = 'LF201',
      message = format('There is no run %s', run_report.run_id),
      hint    = 'Call landfall.status() to see the runs there are.';
  end if;

  return jsonb_build_object(
    'runId', case when v_run.id > 0 then v_run.id end,
    'pipeline', v_run.pipeline,
    'documents', landfall.writes_documents(v_run.pipeline),
    'state', v_run.state,
    'dryRun', v_run.id < 0,
    'options', v_run.options,
    'requestedBy', v_run.requested_by,
    'startedAt', v_run.started_at,
    'finishedAt', v_run.finished_at,
    'durationMs', coalesce(
      round(1000 * extract(epoch from
        coalesce(v_run.finished_at, clock_timestamp()) - v_run.started_at)),
      0
    ),
    'error', v_run.error,
    'progress', landfall.run_progress(v_run.id),
    'rebuilds', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'entity', entities.name, 'kind', rebuilds.kind, 'name', rebuilds.name
          )
          order by rebuilds.entity_id, rebuilds.nth
        ),
        '[]'
      )
      from landfall.rebuilds
      join landfall.entities on entities.id = rebuilds.entity_id
      where rebuilds.run_id = v_run.id
    ),
    'users', v_run.users,
    'entities', landfall.entity_counts(v_run.id),
    'companies', landfall.run_scope_report(v_run.id),
    'rejects', landfall.reject_counts(v_run.id),
    'findings', landfall.finding_counts(v_run.id),
    'leftovers', landfall.leftover_counts(v_run.id, 'prune'),
    'rollback', landfall.rollback_report(v_run.id),
    'verification', (
      select jsonb_build_object(
        'verificationId', newest.verification_id,
        'state', newest.report -> 'state',
        'finishedAt', newest.report -> 'finishedAt',
        'differences', newest.report -> 'differences'
      )
      from (
        select max(verifications.id), landfall.verification_report(max(verifications.id))
        from landfall.verifications
        where verifications.run_id = v_run.id
          or verifications.run_id is null
            and verifications.pipeline = v_run.pipeline
            and verifications.started_at > v_run.finished_at
        having count(*) > 0
      ) as newest (verification_id, report)
    )
  );
end
$$;

comment on function landfall.run_report is
$$Reports a run: options, times, and for every entity what became of its source rows.

For each entity source = inserted + updated + unchanged + rejected + deferred.$$;


create function landfall.status(pipeline text default null)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
  set statement_timeout = '60s'
as $$
begin
  if status.pipeline is not null
    and not exists (select from landfall.pipelines where pipelines.name = status.pipeline)
  then
    raise exception using
      errcode = 'LF101',
      message = format('There is no pipeline %s', status.pipeline),
      hint    = 'Leave the name out to see all there are.';
  end if;

  return jsonb_build_object('schedule', landfall.schedule_report(), 'pipelines', (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'pipeline', pipelines.name,
        'description', pipelines.description,
        'entities', (
          select coalesce(jsonb_agg(
            jsonb_build_object(
              'entity', entities.name,
              'target', entities.target,
              'migrated', (
                select count(*) from landfall.lineage where lineage.entity_id = entities.id
              ),
              'openRejects', (
                select count(*)
                from landfall.rejects
                where rejects.entity_id = entities.id and rejects.settled_by is null
              ),
              'deferred', (
                select count(*)
                from landfall.deferred
                where deferred.entity_id = entities.id and deferred.settled_by is null
              )
            )
            order by places.place
          ), '[]')
          from landfall.entity_order(pipelines.name) as places
          join landfall.entities on entities.id = places.entity_id
        ),
        -- rows of a file that did not even reach staging
        'leftOut', (
          select count(distinct (left_out.table_name, left_out.row_id))
          from landfall.left_out
          join landfall.imports on imports.id = left_out.import_id
          where imports.pipeline = pipelines.name
        ),
        -- every row of the source is looked at for this: only where one pipeline is asked for
        'companies', case when status.pipeline is not null and pipelines.scopes is not null
          then landfall.scope_report(pipelines.name) end,
        'users', case when pipelines.users is not null then (
          select jsonb_build_object(
            'listed', count(*), 'resolved', count(legacy_user_map.supabase_user_id)
          )
          from landfall.legacy_user_map
          where legacy_user_map.pipeline = pipelines.name
        ) end,
        'runs', (
          select coalesce(jsonb_agg(
            jsonb_build_object(
              'runId', newest.id,
              'state', newest.state,
              'requestedBy', newest.requested_by,
              'startedAt', newest.started_at,
              'finishedAt', newest.finished_at,
              'error', newest.error,
              'progress', landfall.run_progress(newest.id)
            )
            order by newest.id desc
          ), '[]')
          from (
            select runs.*
            from landfall.runs
            where runs.pipeline = pipelines.name and runs.id > 0
            order by runs.id desc
            limit 10
          ) as newest
        )
      )
      order by pipelines.name
    ), '[]')
    from landfall.pipelines
    where status.pipeline is null or pipelines.name = status.pipeline
  ));
end
$$;

comment on function landfall.status is
$$Shows every pipeline: its entities with what is migrated, rejected and waiting, the rows that an
import left out, its legacy users, and its last ten runs; and the schedule with its last tick. For a
pipeline that is named, also its tenants.$$;

select landfall.close_doors();
