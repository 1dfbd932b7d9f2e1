/*
 * Chapter 52: verifying. The next range of an entity's source keys: what is migrated is compared,
 * what is not is accounted for.
 *
 * Reads  the transforms, the targets, landfall.lineage, rejects, deferred
 * Writes landfall.verified_entities, verified_ranges
 * Holds  source = migrated + rejected + deferred, or what is missing is listed; two workers never
 *        compare one range
 */

create function landfall.stale_sql(shape jsonb)
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
  select coalesce(jsonb_agg(to_jsonb(kinds)), '[]')
  from (
    select
      case when stored_.lf_there then 'changed' else 'lost' end as kind,
      '' as name,
      count(*) as count,
      (array_agg(
        jsonb_build_object(
          'sourceKey', lineage.source_key, 'targetKey', lineage.target_key,
          'expected', null, 'actual', null
        )
        order by lineage.source_key
      ))[1:$4] as sample
    from landfall.lineage
    left join lateral (
      select true as lf_there, %1$s as lf_unchanged
      from %2$s as stored_
      where %3$s
      offset 0
    ) as stored_ on true
    where lineage.entity_id = $2
      and lineage.source_key = any ($3)
      and ($1 is null or lineage.run_id = $1)
      and not lineage.kept
      and stored_.lf_unchanged is not true
    group by 1
  ) as kinds$sql$,
      landfall.unchanged_sql(stale_sql.shape),
      stale_sql.shape ->> 'target',
      landfall.same_target_sql(stale_sql.shape, 'stored_', 'lineage.target_key')
    )
  );
end
$$;

comment on function landfall.stale_sql is
$$Writes the query for what is wrong with rows that were migrated and whose source was rejected
since: they must stand as they were written. $1 run or null, $2 entity, $3 keys, $4 samples.$$;


create function landfall.cut_ranges(entity landfall.verified_entities)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  -- keys are read in their order: an index is worth it, for a part of them too
  set random_page_cost = '1.1'
as $$
declare
  c_length  constant int := 10000;
  c_ranges  constant int := 100;
  v_rows    int;
  v_to      text;
begin
  execute format(
    $sql$
      with keys as (
        select source_key, row_number() over (order by source_key) as nth
        from (
          select source_key
          from %s as row_
          where source_key >= coalesce($1, %L) and source_key is distinct from $1%s
          order by source_key
          limit $2
        ) as ahead
      ),

      bounds as materialized (
        select nth / $3 as part, source_key
        from keys
        where nth %% $3 = 0
      ),

      total as materialized (
        select count(*) as rows from keys
      ),

      cut as (
        insert into landfall.verified_ranges
          (verification_id, entity_id, nth, after_key, to_key)
        select
          $4, $5, known.ranges + parts.part,
          coalesce(lag(bounds.source_key) over (order by parts.part), $1), bounds.source_key
        from total
        -- the last range goes on to the end of lineage
        cross join generate_series(1, total.rows / $3 + (total.rows < $2)::int) as parts (part)
        cross join (
          select count(*) as ranges
          from landfall.verified_ranges
          where verified_ranges.verification_id = $4 and verified_ranges.entity_id = $5
        ) as known
        left join bounds on bounds.part = parts.part
      )

      select total.rows, (select max(source_key) from bounds) from total
    $sql$,
    entity.shape ->> 'transform',        -- a relation, quoted by Postgres
    entity.shape ->> 'firstKey',
    landfall.scopes_sql(entity.shape)    -- a condition, its values quoted
  )
  into v_rows, v_to
  using
    entity.verified_to, c_length * c_ranges, c_length, entity.verification_id, entity.entity_id;

  update landfall.verified_entities
  set
    phase = case when v_rows < c_length * c_ranges then 'ranges' else 'rows' end,
    verified_to = v_to,
    started_at = coalesce(started_at, clock_timestamp())
  where verified_entities.verification_id = entity.verification_id
    and verified_entities.entity_id = entity.entity_id;
end
$$;

comment on function landfall.cut_ranges is
$$Cuts the next source keys of an entity, a million at most, into ranges of 10,000, for any worker
to compare.

Keys are read once for all ranges: a view may have to compute all its rows to find the next few.$$;


create function landfall.next_range(verification_id bigint)
  returns landfall.verified_ranges
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select verified_ranges.*
  from landfall.verified_ranges
  where verified_ranges.verification_id = next_range.verification_id
    and verified_ranges.counts is null
  order by verified_ranges.entity_id, verified_ranges.nth
  limit 1
  for update skip locked
$$;

comment on function landfall.next_range is
$$Claims the next range that is to be compared; null when none is left to claim.$$;


create function landfall.verify_range(
  verification landfall.verifications,
  range landfall.verified_ranges
)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  -- a range is a part of an index
  set random_page_cost = '1.1'
as $$
declare
  v_shape    constant jsonb := (
    select verified_entities.shape
    from landfall.verified_entities
    where verified_entities.verification_id = verify_range.range.verification_id
      and verified_entities.entity_id = verify_range.range.entity_id
  );
  v_rejected text[];
  v_deferred text[];
  v_skipped  text[];
  v_counts   jsonb;
  v_stale    jsonb;
begin
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
        select %3$s as source_key, bool_or(aside.rejected) as rejected
        from aside
        where %3$s >= coalesce($2, '') and %3$s is distinct from $2 and (%3$s <= $3 or $3 is null)
        group by 1
      ) as listed
      where exists (select from %1$s as row_ where row_.source_key = listed.source_key%2$s)
    $sql$,
    v_shape ->> 'transform',                -- %1$s  a relation, quoted by Postgres
    landfall.scopes_sql(v_shape),           -- %2$s  a condition, its values quoted
    landfall.key_sql(v_shape, 'aside')      -- %3$s  a column, and a name Postgres quoted
  )
  into v_rejected, v_deferred
  using range.entity_id, range.after_key, range.to_key;

  v_skipped := coalesce(v_rejected, '{}') || coalesce(v_deferred, '{}');
  v_counts := landfall.compare_range(
    verification, v_shape, range.entity_id, range.after_key, range.to_key, v_skipped
  );

  execute landfall.stale_sql(v_shape)
  into v_stale
  using
    verification.run_id, range.entity_id, v_skipped,
    coalesce((verification.options ->> 'samples')::int, 5);

  v_counts := v_counts || jsonb_build_object(
    'source', (v_counts ->> 'source')::bigint
      + case when verification.run_id is null then cardinality(v_skipped) else 0 end,
    'rejected', cardinality(coalesce(v_rejected, '{}')),
    'deferred', cardinality(coalesce(v_deferred, '{}')),
    'differences', (v_counts -> 'differences') || v_stale
  );

  update landfall.verified_ranges
  set counts = v_counts
  where verified_ranges.verification_id = range.verification_id
    and verified_ranges.entity_id = range.entity_id
    and verified_ranges.nth = range.nth;

  return (v_counts ->> 'source')::int;
end
$$;

comment on function landfall.verify_range is
$$Compares a range of an entity's source keys with the target, keeps what it counts and finds, and
returns how many source rows there were.$$;

select landfall.close_doors();
