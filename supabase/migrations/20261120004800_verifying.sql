/*
 * Chapter 48: verifying. What a verification does next: a range of the source, or a table as a
 * whole.
 *
 * Reads  the transforms, the targets, landfall.lineage, rejects, deferred, batches
 * Writes landfall.verified_entities, differences, verifications
 * Holds  source = migrated + rejected + deferred, or what is missing is listed
 */

create function landfall.compare_range(
  verification landfall.verifications,
  shape jsonb,
  entity_id int,
  after_key text,
  to_key text,
  skipped text[]
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_counts  jsonb;
  v_keys    text[];
  v_faults  jsonb;
  v_failing text[];
  v_known   text[];
  v_context text;
  v_said    text;
begin
  begin
    execute landfall.compare_sql(compare_range.shape)
    into v_counts
    using
      verification.run_id, compare_range.entity_id, compare_range.after_key, compare_range.to_key,
      compare_range.skipped, coalesce((verification.options ->> 'samples')::int, 5);

    return v_counts;
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    v_said := landfall.plain_reason(sqlstate, sqlerrm);
  end;

  -- the source has changed: rows that were migrated, or are new, no longer compute
  execute format(
    $sql$
      select array_agg(row_.source_key order by row_.source_key)
      from %s as row_
      where row_.source_key >= coalesce($1, '') and row_.source_key is distinct from $1
        and (row_.source_key <= $2 or $2 is null) and row_.source_key <> all ($3)
    $sql$,
    compare_range.shape ->> 'transform'   -- a relation, quoted by Postgres
  )
  into v_keys
  using compare_range.after_key, compare_range.to_key, compare_range.skipped;

  v_faults := landfall.find_faults(compare_range.shape, v_keys) -> 'rows';
  v_failing := array(select jsonb_object_keys(v_faults));

  if cardinality(v_failing) = 0 then
    raise exception using
      errcode = 'LF302',
      message = format('%s fails outside its columns', compare_range.shape ->> 'transform'),
      detail  = v_said,
      hint    = 'Make the conditions and joins of the view safe for every row.';
  end if;

  v_known := array(
    select lineage.source_key
    from landfall.lineage
    where lineage.entity_id = compare_range.entity_id
      and lineage.source_key = any (v_failing)
      and (verification.run_id is null or lineage.run_id = verification.run_id)
  );
  v_counts := landfall.compare_range(
    verification, shape, compare_range.entity_id, after_key, to_key,
    compare_range.skipped || v_failing
  );

  return v_counts || jsonb_build_object(
    'source', (v_counts ->> 'source')::int + case
      when verification.run_id is null then cardinality(v_failing) else cardinality(v_known) end,
    'migrated', (v_counts ->> 'migrated')::int + cardinality(v_known),
    'differences', (v_counts -> 'differences') || (
      select coalesce(jsonb_agg(to_jsonb(kinds)), '[]')
      from (
        select
          case when failing.key = any (v_known) then 'failing' else 'unmigrated' end as kind,
          case when failing.key = any (v_known) then v_faults -> failing.key -> 'reasons' ->> 0
            else '' end as name,
          count(*) as count,
          (array_agg(
            jsonb_build_object(
              'sourceKey', failing.key, 'targetKey', null,
              'expected', null, 'actual', null
            )
            order by failing.key
          ))[1:coalesce((verification.options ->> 'samples')::int, 5)] as sample
        from unnest(v_failing) as failing (key)
        where verification.run_id is null or failing.key = any (v_known)
        group by 1, 2
      ) as kinds
    )
  );
end
$$;

comment on function landfall.compare_range is
$$Compares a range of an entity's source keys with its target; rows that the transform cannot
compute any more are found, and named with what Postgres says of them.$$;


create function landfall.verify_range(
  verification landfall.verifications,
  entity landfall.verified_entities,
  shape jsonb
)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  c_range    constant int := 10000;
  v_to       text;
  v_rows     int;
  v_rejected text[];
  v_deferred text[];
  v_counts   jsonb;
  v_begun    constant timestamptz := clock_timestamp();
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
    verify_range.shape ->> 'transform'   -- a relation, quoted by Postgres
  )
  into v_to, v_rows
  using entity.verified_to, c_range;

  -- the last range goes on to the end of lineage
  if v_rows < c_range then
    v_to := null;
  end if;

  -- what no run has migrated is not computed: it may not even cast
  execute format(
    $sql$
      with aside as (
        select rejects.source_key, true as rejected
        from landfall.rejects
        where rejects.entity_id = $1 and rejects.settled_by is null

        union all
        select deferred.source_key, false
        from landfall.deferred
        where deferred.entity_id = $1 and deferred.settled_by is null
      )

      select
        array_agg(listed.source_key) filter (where listed.rejected),
        array_agg(listed.source_key) filter (where not listed.rejected)
      from (
        select aside.source_key, bool_or(aside.rejected) as rejected
        from aside
        where aside.source_key >= coalesce($2, '') and aside.source_key is distinct from $2
          and (aside.source_key <= $3 or $3 is null)
        group by aside.source_key
      ) as listed
      where exists (select from %s as row_ where row_.source_key = listed.source_key)
    $sql$,
    verify_range.shape ->> 'transform'   -- a relation, quoted by Postgres
  )
  into v_rejected, v_deferred
  using entity.entity_id, entity.verified_to, v_to;

  v_rejected := coalesce(v_rejected, '{}');
  v_deferred := coalesce(v_deferred, '{}');
  v_counts := landfall.compare_range(
    verification, shape, entity.entity_id, entity.verified_to, v_to, v_rejected || v_deferred
  );

  perform landfall.add_differences(
    verification.id, entity.entity_id, v_counts -> 'differences'
  );

  update landfall.verified_entities
  set
    phase = case when v_to is null then 'table' else 'rows' end,
    verified_to = v_to,
    source = source + (v_counts ->> 'source')::bigint
      + case when verification.run_id is null then cardinality(v_rejected || v_deferred) else 0 end,
    migrated = migrated + (v_counts ->> 'migrated')::bigint,
    rejected = rejected + cardinality(v_rejected),
    deferred = deferred + cardinality(v_deferred),
    kept = kept + (v_counts ->> 'kept')::bigint,
    rewritten = rewritten + (v_counts ->> 'rewritten')::bigint,
    sums = (
      select coalesce(
        jsonb_object_agg(columns.name, jsonb_build_array(
          coalesce((sums -> columns.name ->> 0)::numeric, 0) + (columns.pair ->> 0)::numeric,
          coalesce((sums -> columns.name ->> 1)::numeric, 0) + (columns.pair ->> 1)::numeric
        )),
        '{}'
      )
      from jsonb_each(v_counts -> 'sums') as columns (name, pair)
    ),
    started_at = coalesce(started_at, v_begun)
  where verified_entities.verification_id = verification.id
    and verified_entities.entity_id = entity.entity_id;

  return v_rows;
end
$$;

comment on function landfall.verify_range is
$$Verifies the next range of an entity's source keys and returns how many there were.$$;

select landfall.close_doors();
