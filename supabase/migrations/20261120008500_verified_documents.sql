/*
 * Chapter 85: verified documents. What a worker found, added to what a verification has counted.
 *
 * Reads  landfall.verifications
 * Writes landfall.verified_entities, differences
 * Holds  a page that two workers compare counts once
 */

create function landfall.settle_verification(
  verification_id bigint,
  entity_id int,
  phase text,
  after text,
  results jsonb
)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_mine   landfall.verifications;
  v_entity landfall.verified_entities;
begin
  select verifications.*
  into v_mine
  from landfall.verifications
  where verifications.id = settle_verification.verification_id;

  update landfall.verified_entities
  set
    phase = case
      when settle_verification.results ->> 'to' is not null then verified_entities.phase
      when settle_verification.phase = 'rows' then 'table'
      else 'done'
    end,
    verified_to = settle_verification.results ->> 'to',
    source = source + coalesce((settle_verification.results ->> 'source')::bigint, 0),
    migrated = migrated + coalesce((settle_verification.results ->> 'migrated')::bigint, 0),
    rejected = rejected + coalesce((settle_verification.results ->> 'rejected')::bigint, 0),
    kept = kept + coalesce((settle_verification.results ->> 'kept')::bigint, 0),
    unknown = unknown + coalesce((settle_verification.results ->> 'unknown')::bigint, 0),
    sums = sums || (
      select coalesce(
        jsonb_object_agg(counted.path, jsonb_build_array(
          0, coalesce((sums -> counted.path ->> 1)::bigint, 0) + counted.rows::bigint
        )),
        '{}'
      )
      from jsonb_each_text(settle_verification.results -> 'embedded') as counted (path, rows)
    ),
    started_at = coalesce(started_at, clock_timestamp()),
    finished_at = case
      when settle_verification.phase = 'table' and settle_verification.results ->> 'to' is null
        then clock_timestamp()
    end
  where verified_entities.verification_id = settle_verification.verification_id
    and verified_entities.entity_id = settle_verification.entity_id
    and verified_entities.phase = settle_verification.phase
    and verified_entities.verified_to is not distinct from settle_verification.after
  returning verified_entities.* into v_entity;

  if v_entity.entity_id is null then
    return false;
  end if;

  perform landfall.add_differences(
    v_entity.verification_id, v_entity.entity_id, settle_verification.results -> 'differences'
  );

  if v_entity.phase = 'done' then
    perform landfall.use_limits_of(v_mine);
    perform landfall.compare_counts(v_mine, v_entity);

    if v_mine.run_id is not null then
      perform landfall.verify_books(v_mine, v_entity.entity_id);
    end if;
  end if;

  return true;
end
$$;

comment on function landfall.settle_verification is
$$Adds what a worker found on a page: {to, source, migrated, rejected, kept, unknown, embedded,
differences}; embedded counts documents by path, to is how far the page went, null for the last one.
False when another worker was quicker.$$;

select landfall.close_doors();
