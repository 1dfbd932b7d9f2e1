/*
 * Chapter 83: documents to verify. A range of source keys, with the hash that each document must
 * have; a worker reads the documents and compares.
 *
 * Reads  the transforms, landfall.lineage, rejects
 * Writes nothing
 * Holds  a row that no run has migrated, or that is gone, is a difference
 */

create function landfall.verified_sql(shape jsonb, predicate text)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      $sql$
  with given as materialized (%1$s
  ),

  compared as materialized (
    select
      given.source_key, given.hash, given.orphaned,
      known.target_key, known.kept,
      known.target_key is not null as known,
      ($1 is null or known.run_id = $1) as mine
    from given
    left join lateral (
      select lineage.target_key, lineage.run_id, lineage.kept
      from landfall.lineage
      where lineage.entity_id = $2 and lineage.source_key = given.source_key
      -- one look into the index a row, whatever the planner believes of lineage
      offset 0
    ) as known on true
  ),

  found (kind, name, source_key, target_key) as (
    select 'unmigrated', '', compared.source_key, null
    from compared
    where $1 is null and not compared.known

    union all
    select 'orphan', orphaned.reason, compared.source_key, compared.target_key
    from compared
    cross join unnest(compared.orphaned) as orphaned (reason)
    where compared.mine and compared.known

    union all
    select 'twice', '', compared.source_key, max(compared.target_key)
    from compared
    group by compared.source_key
    having count(*) > 1

    union all
    select 'vanished', '', lineage.source_key, lineage.target_key
    from landfall.lineage
    where lineage.entity_id = $2
      and lineage.source_key >= coalesce($3, '')
      and lineage.source_key is distinct from $3
      and (lineage.source_key <= $4 or $4 is null)
      and ($1 is null or lineage.run_id = $1)
      and lineage.source_key not in (select compared.source_key from compared)
      and lineage.source_key <> all ($5)
  )

  select jsonb_build_object(
    'source', count(*) filter (where compared.mine),
    'migrated', count(*) filter (where compared.mine and compared.known),
    'kept', count(*) filter (where compared.mine and compared.kept),
    'documents', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'sourceKey', listed.source_key, 'id', listed.target_key, 'hash', listed.hash::text,
        'asWritten', listed.as_written
      )), '[]')
      from (
        select documents.source_key, documents.target_key, documents.hash, false as as_written
        from compared as documents
        where documents.mine and documents.known and not documents.kept

        union all
        -- what was rejected since must stand as it was written
        select lineage.source_key, lineage.target_key, lineage.given_hash, true
        from landfall.lineage
        where lineage.entity_id = $2
          and lineage.source_key = any ($5)
          and ($1 is null or lineage.run_id = $1)
          and not lineage.kept
      ) as listed
    ),
    'differences', (
      select coalesce(jsonb_agg(to_jsonb(kinds)), '[]')
      from (
        select
          found.kind, found.name, count(*) as count,
          (array_agg(
            jsonb_build_object(
              'sourceKey', found.source_key, 'targetKey', found.target_key,
              'expected', null, 'actual', null
            )
            order by found.source_key
          ))[1:$6] as sample
        from found
        group by found.kind, found.name
      ) as kinds
    )
  )
  from compared$sql$,
      landfall.documents_sql(verified_sql.shape, verified_sql.predicate)
    )
  );
end
$$;

comment on function landfall.verified_sql is
$$Writes the query for a range of documents to compare, and for what is wrong with it already: $1
run or null, $2 entity, $3 and $4 the key before and the last one, $5 keys of rejects, $6
samples.$$;


create function landfall.documents_to_verify(
  verification landfall.verifications,
  entity landfall.verified_entities
)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  c_range     constant int := 1000;
  v_shape     constant jsonb := (
    select jsonb_build_object(
      'transform', entities.transform,
      'documents', landfall.document_shape(entities.id),
      'secretFields', entities.secret_fields,
      'rules', '[]'::jsonb
    )
    from landfall.entities
    where entities.id = entity.entity_id
  );
  v_samples   constant int := coalesce((verification.options ->> 'samples')::int, 5);
  v_predicate constant text :=
    $part$row_.source_key >= coalesce($3, '') and row_.source_key is distinct from $3
            and (row_.source_key <= $4 or $4 is null) and row_.source_key <> all ($5)$part$;
  v_to        text;
  v_rows      int;
  v_keys      text[];
  v_rejected  text[];
  v_faults    jsonb := '{}';
  v_page      jsonb;
  v_context   text;
begin
  execute format(
    $sql$
      select max(ahead.source_key), count(*)
      from (
        select source_key
        from %s
        where source_key >= coalesce($1, '') and source_key is distinct from $1
        order by source_key
        limit $2
      ) as ahead
    $sql$,
    v_shape ->> 'transform'   -- a relation, quoted by Postgres
  )
  into v_to, v_rows
  using entity.verified_to, c_range;

  -- the last range goes on to the end of lineage
  if v_rows < c_range then
    v_to := null;
  end if;

  v_rejected := array(
    select rejects.source_key
    from landfall.rejects
    where rejects.entity_id = entity.entity_id
      and rejects.settled_by is null
      and rejects.source_key >= coalesce(entity.verified_to, '')
      and rejects.source_key is distinct from entity.verified_to
      and (rejects.source_key <= v_to or v_to is null)
  );

  begin
    execute landfall.verified_sql(v_shape, v_predicate)
    into v_page
    using verification.run_id, entity.entity_id, entity.verified_to, v_to, v_rejected, v_samples;
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    execute format(
      'select array_agg(row_.source_key) from %s as row_ where source_key >= coalesce($1, '''')'
      ' and source_key is distinct from $1 and (source_key <= $2 or $2 is null)',
      v_shape ->> 'transform'   -- as above
    )
    into v_keys
    using entity.verified_to, v_to;

    -- the source has changed: rows that were migrated, or are new, no longer compute
    v_faults := landfall.failing_documents(v_shape, entity.entity_id, v_keys);
    v_keys := array(select jsonb_object_keys(v_faults) except select unnest(v_rejected));

    execute landfall.verified_sql(v_shape, v_predicate)
    into v_page
    using
      verification.run_id, entity.entity_id, entity.verified_to, v_to, v_rejected || v_keys,
      v_samples;
  end;

  return v_page || jsonb_build_object(
    'to', v_to,
    'source', (v_page ->> 'source')::int + coalesce(cardinality(v_keys), 0)
      + case when verification.run_id is null then cardinality(v_rejected) else 0 end,
    'rejected', cardinality(v_rejected),
    'differences', (v_page -> 'differences') || (
      select coalesce(jsonb_agg(jsonb_build_object(
        'kind', 'failing', 'name', v_faults -> failing.key -> 'reasons' ->> 0, 'count', 1,
        'sample', jsonb_build_array(jsonb_build_object(
          'sourceKey', failing.key, 'targetKey', null, 'expected', null, 'actual', null
        ))
      )), '[]')
      from unnest(v_keys) as failing (key)
      where v_faults <> '{}'
    )
  );
end
$$;

comment on function landfall.documents_to_verify is
$$The next range of an entity's documents to compare: {source, migrated, kept, rejected, documents,
differences, to}; to is null for the last range. Each document is {sourceKey, id, hash, asWritten}:
the last says that the hash is not of what the transform gives now, but of what was written.$$;

select landfall.close_doors();
