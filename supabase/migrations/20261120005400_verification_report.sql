/*
 * Chapter 54: verification reports. What the ranges counted is added up; one document for a
 * verification under way and one long past.
 *
 * Reads  landfall.verifications, verified_entities, verified_ranges, differences
 * Writes landfall.verified_entities, verified_ranges, differences
 * Holds  clean means that every row was looked at, and nothing was found
 */

create view landfall.verified_counts
  with (security_invoker = true)
as
select
  verified.verification_id,
  verified.entity_id,
  verified.source + coalesce(sum((ranges.counts ->> 'source')::bigint), 0) as source,
  verified.migrated + coalesce(sum((ranges.counts ->> 'migrated')::bigint), 0) as migrated,
  verified.rejected + coalesce(sum((ranges.counts ->> 'rejected')::bigint), 0) as rejected,
  verified.deferred + coalesce(sum((ranges.counts ->> 'deferred')::bigint), 0) as deferred,
  verified.kept + coalesce(sum((ranges.counts ->> 'kept')::bigint), 0) as kept,
  verified.rewritten + coalesce(sum((ranges.counts ->> 'rewritten')::bigint), 0) as rewritten
from landfall.verified_entities as verified
left join landfall.verified_ranges as ranges using (verification_id, entity_id)
group by verified.verification_id, verified.entity_id;

comment on view landfall.verified_counts is
$$What a verification has counted of each entity, in the ranges that are compared so far.$$;


create function landfall.count_ranges(entity landfall.verified_entities)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  -- cut by another worker when the entity was being claimed
  if exists (
    select
    from landfall.verified_ranges
    where verified_ranges.verification_id = entity.verification_id
      and verified_ranges.entity_id = entity.entity_id
      and verified_ranges.counts is null
  ) then
    return;
  end if;

  update landfall.verified_entities
  set
    phase = 'table',
    source = counted.source,
    migrated = counted.migrated,
    rejected = counted.rejected,
    deferred = counted.deferred,
    kept = counted.kept,
    rewritten = counted.rewritten,
    sums = (
      select coalesce(jsonb_object_agg(added.name, added.pair), '{}')
      from (
        select
          sums.name,
          jsonb_build_array(
            sum((sums.pair ->> 0)::numeric), sum((sums.pair ->> 1)::numeric)
          ) as pair
        from landfall.verified_ranges as ranges
        cross join jsonb_each(ranges.counts -> 'sums') as sums (name, pair)
        where ranges.verification_id = entity.verification_id
          and ranges.entity_id = entity.entity_id
        group by sums.name
      ) as added
    )
  from landfall.verified_counts as counted
  where verified_entities.verification_id = entity.verification_id
    and verified_entities.entity_id = entity.entity_id
    and counted.verification_id = entity.verification_id
    and counted.entity_id = entity.entity_id;

  perform landfall.add_differences(entity.verification_id, entity.entity_id, (
    select jsonb_agg(found.item order by ranges.nth, found.nth)
    from landfall.verified_ranges as ranges
    cross join jsonb_array_elements(ranges.counts -> 'differences')
      with ordinality as found (item, nth)
    where ranges.verification_id = entity.verification_id
      and ranges.entity_id = entity.entity_id
  ));

  delete from landfall.verified_ranges
  where verified_ranges.verification_id = entity.verification_id
    and verified_ranges.entity_id = entity.entity_id;
end
$$;

comment on function landfall.count_ranges is
$$Adds up what was counted and found in the ranges of an entity, when all are compared.$$;


create function landfall.verification_progress(verification_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'done', coalesce(sum(counted.migrated), 0),
      'total', coalesce(sum(greatest(verified.expected, counted.migrated)), 0)
    )
    from landfall.verified_entities as verified
    join landfall.verified_counts as counted using (verification_id, entity_id)
    where verified.verification_id = verification_progress.verification_id
  );
end
$$;

comment on function landfall.verification_progress is
$$Counts the migrated rows a verification has compared, and all it expects: {done, total}.$$;


create function landfall.verification_report(verification_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_verification landfall.verifications;
begin
  select verifications.*
  into v_verification
  from landfall.verifications
  where verifications.id = verification_report.verification_id;

  if v_verification.id is null then
    raise exception using
      errcode = 'LF502',
      message = format('There is no verification %s', verification_report.verification_id),
      hint    = 'Start one with a pipeline or a run.';
  end if;

  return jsonb_build_object(
    'verificationId', v_verification.id,
    'pipeline', v_verification.pipeline,
    'documents', landfall.writes_documents(v_verification.pipeline),
    'runId', v_verification.run_id,
    'state', case
      when v_verification.finished_at is null then 'running'
      when exists (
        select
        from landfall.differences
        where differences.verification_id = v_verification.id
      ) then 'different'
      else 'clean'
    end,
    'options', v_verification.options,
    'requestedBy', v_verification.requested_by,
    'startedAt', v_verification.started_at,
    'finishedAt', v_verification.finished_at,
    'durationMs', round(1000 * extract(epoch from
      coalesce(v_verification.finished_at, clock_timestamp()) - v_verification.started_at)),
    'progress', landfall.verification_progress(v_verification.id),
    'entities', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'entity', entities.name,
            'target', entities.target,
            'source', counted.source,
            'migrated', counted.migrated,
            'rejected', counted.rejected,
            'deferred', counted.deferred,
            'kept', counted.kept,
            'rewritten', counted.rewritten,
            'unknown', verified.unknown,
            -- as text: a reader's numbers may have fewer digits
            'sums', (
              select coalesce(
                jsonb_object_agg(sums.name, jsonb_build_array(sums.pair ->> 0, sums.pair ->> 1)),
                '{}'
              )
              from jsonb_each(verified.sums) as sums (name, pair)
            ),
            'durationMs', coalesce(
              round(1000 * extract(epoch from
                coalesce(verified.finished_at, clock_timestamp()) - verified.started_at)),
              0
            )
          )
          order by verified.place
        ),
        '[]'
      )
      from landfall.verified_entities as verified
      join landfall.verified_counts as counted using (verification_id, entity_id)
      join landfall.entities on entities.id = verified.entity_id
      where verified.verification_id = v_verification.id
    ),
    'differences', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'entity', entities.name,
            'kind', differences.kind,
            'name', differences.name,
            'count', differences.count,
            'sample', case
              when landfall.target_shape(to_regclass(entities.target)) -> 'keyNames'
                ?| entities.secret_fields
                then (
                  select jsonb_agg(item || '{"targetKey": "withheld"}')
                  from jsonb_array_elements(differences.sample) as item
                )
              else differences.sample
            end
          )
          order by verified.place, differences.kind, differences.name
        ),
        '[]'
      )
      from landfall.differences
      join landfall.verified_entities as verified using (verification_id, entity_id)
      join landfall.entities on entities.id = differences.entity_id
      where differences.verification_id = v_verification.id
    )
  );
end
$$;

comment on function landfall.verification_report is
$$Reports a verification: running, clean or different; what was counted, and the differences by kind
with keys and both values. Raises LF502.

Kinds: value (a column differs), lost (the target row is gone), changed (a row whose source was
rejected since is not as it was written), scope (a row, or the one it refers to, is of another
tenant than it was written for), unmigrated (no run has taken the source row), vanished
(the source row is gone), failing (the transform cannot compute the row any more), twice (a source
key names two rows), orphan (the parent is missing), unknown (no lineage knows the target row), sum
(a sum differs), count (a run's books do not agree), moved (the rows were written while they were
compared: verify again).$$;

select landfall.close_doors();
