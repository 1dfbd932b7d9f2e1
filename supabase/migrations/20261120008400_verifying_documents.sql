/*
 * Chapter 84: verifying documents. A worker is given what must be where, and says what is.
 *
 * Reads  landfall.verifications, verified_entities, lineage, the transforms
 * Writes landfall.verified_entities, differences, verifications
 * Holds  a page that two workers compare counts once
 */

create function landfall.use_limits_of(verification landfall.verifications)
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select landfall.use_limits((
    select runs.options
    from landfall.runs
    where runs.pipeline = verification.pipeline
      and runs.id > 0
      and runs.state <> 'rolled_back'
      and (verification.run_id is null or runs.id = verification.run_id)
    order by runs.id desc
    limit 1
  ))
$$;

comment on function landfall.use_limits_of is
$$Tells the transforms the limits by which the documents to be verified were made.$$;


create function landfall.take_verification(verification_id bigint)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
  -- the transforms computed in these
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set work_mem = '32MB'
as $$
declare
  v_mine   landfall.verifications;
  v_entity landfall.verified_entities;
  v_page   jsonb;
  v_idle   boolean := false;
begin
  select verifications.*
  into v_mine
  from landfall.verifications
  where verifications.id = take_verification.verification_id;

  if v_mine.id is not null then
    perform landfall.check_kind(v_mine.pipeline, documents => true);
    perform landfall.lock_pipeline(v_mine.pipeline, shared => false);
    select verifications.* into v_mine from landfall.verifications where id = v_mine.id;
  end if;

  if v_mine.id is not null and v_mine.finished_at is null then
    if v_mine.run_id is not null then
      perform landfall.check_standing(v_mine.run_id);
    end if;

    select next.* into v_entity from landfall.next_to_verify(v_mine.id) as next;

    -- what another worker found is being settled
    v_idle := v_entity.entity_id is null and landfall.has_to_verify(v_mine.id);

    if v_idle then
      null;
    elsif v_entity.entity_id is null then
      perform landfall.end_verification(v_mine);
    else
      perform landfall.use_limits_of(v_mine);

      v_page := case
        when v_entity.phase = 'rows' then landfall.documents_to_verify(v_mine, v_entity)
        else '{}'
      end || jsonb_build_object(
        'entityId', v_entity.entity_id,
        'phase', v_entity.phase,
        'after', v_entity.verified_to,
        'collection', landfall.document_shape(v_entity.entity_id) -> 'collection',
        'paths', array(
          select jsonb_object_keys(landfall.document_shape(v_entity.entity_id) -> 'counts')
        ),
        'secret', (
          select cardinality(entities.secret_fields) > 0
          from landfall.entities
          where entities.id = v_entity.entity_id
        )
      );
    end if;
  end if;

  return landfall.verification_progress(v_mine.id) || jsonb_build_object(
    'verificationId', take_verification.verification_id,
    'state', landfall.verification_report(take_verification.verification_id) ->> 'state',
    'rows', 0,
    'idle', v_idle,
    'options', v_mine.options,
    'wholePipeline', v_mine.run_id is null,
    'page', v_page
  );
end
$$;

comment on function landfall.take_verification is
$$Gives a worker the next documents to compare: what landfall.advance_verification returns, and
page, null when the verification is over. In phase rows a page is what landfall.documents_to_verify
returns; in phase table all the collection's ids after the one named after are to be looked at.$$;


create function landfall.given_documents(verification_id bigint, entity_id int, keys text[])
  returns json
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
as $$
declare
  v_documents json;
begin
  perform landfall.use_limits_of(verifications)
  from landfall.verifications
  where verifications.id = given_documents.verification_id;

  execute format(
    'select coalesce(json_object_agg(row_.source_key, row_.document), ''{}'')'
    ' from %s as row_ where row_.source_key = any ($1)',
    (select entities.transform from landfall.entities where id = given_documents.entity_id)
  )
  into v_documents
  using given_documents.keys;

  return v_documents;
end
$$;

comment on function landfall.given_documents is
$$What the transform of an entity gives for some source keys, by the limits of a verification:
{source key: document}.$$;


create function landfall.unknown_documents(entity_id int, ids text[])
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(found.id), '[]')
    from unnest(unknown_documents.ids) as found (id)
    where not exists (
      select
      from landfall.lineage
      where lineage.target_key = found.id
        -- pipelines may share a collection
        and lineage.entity_id in (
          select collections.entity_id
          from landfall.collections
          join landfall.entities on entities.id = collections.entity_id
          where entities.target = (
            select entities.target from landfall.entities where id = unknown_documents.entity_id
          )
        )
    )
  );
end
$$;

comment on function landfall.unknown_documents is
$$Those of some ids of a collection that no lineage knows.$$;


create function landfall.compare_counts(
  verification landfall.verifications,
  entity landfall.verified_entities
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_path  text;
  v_query text;
  v_count bigint;
  v_sums  jsonb := '{}';
begin
  for v_path, v_query in
    select counts.key, counts.value
    from landfall.collections
    cross join jsonb_each_text(collections.counts) as counts
    where collections.entity_id = entity.entity_id
  loop
    execute format('select (%s)::bigint', v_query) into v_count;   -- parsed when it was defined

    v_sums := v_sums || jsonb_build_object(v_path, jsonb_build_array(
      v_count, coalesce(entity.sums -> v_path -> 1, '0')
    ));
  end loop;

  update landfall.verified_entities
  set sums = v_sums
  where verified_entities.verification_id = verification.id
    and verified_entities.entity_id = entity.entity_id;

  -- the queries count the whole source: of some of its rows they say nothing
  if verification.run_id is null and entity.source = entity.migrated and entity.kept = 0 then
    perform landfall.add_differences(verification.id, entity.entity_id, (
      select coalesce(jsonb_agg(jsonb_build_object(
        'kind', 'sum', 'name', sums.path, 'count', 1,
        'sample', jsonb_build_array(jsonb_build_object(
          'sourceKey', null, 'targetKey', null,
          'expected', sums.pair ->> 0, 'actual', sums.pair ->> 1
        ))
      )), '[]')
      from jsonb_each(v_sums) as sums (path, pair)
      where sums.pair -> 0 <> sums.pair -> 1
    ));
  end if;
end
$$;

comment on function landfall.compare_counts is
$$Holds how many embedded documents there are against the queries that count what they come from;
where all rows are migrated, what differs is a difference.$$;

select landfall.close_doors();
