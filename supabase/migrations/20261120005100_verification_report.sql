/*
 * Chapter 51: verification reports. One document for a verification under way and one long past.
 *
 * Reads  landfall.verifications, verified_entities, differences
 * Writes nothing
 * Holds  clean means that every row was looked at, and nothing was found
 */

create function landfall.verification_progress(verification_id bigint)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select jsonb_build_object(
    'done', coalesce(sum(verified.migrated), 0),
    'total', coalesce(sum(greatest(verified.expected, verified.migrated)), 0)
  )
  from landfall.verified_entities as verified
  where verified.verification_id = verification_progress.verification_id
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
            'source', verified.source,
            'migrated', verified.migrated,
            'rejected', verified.rejected,
            'deferred', verified.deferred,
            'kept', verified.kept,
            'rewritten', verified.rewritten,
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
