/*
 * Chapter 49: verifying. The next range of an entity's source keys: what is migrated is compared,
 * what is not is accounted for.
 *
 * Reads  the transforms, the targets, landfall.lineage, rejects, deferred
 * Writes landfall.verified_entities, differences
 * Holds  source = migrated + rejected + deferred, or what is missing is listed; two workers never
 *        verify one entity at a time
 */

create function landfall.next_to_verify(verification_id bigint)
  returns landfall.verified_entities
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select verified_entities.*
  from landfall.verified_entities
  where verified_entities.verification_id = next_to_verify.verification_id
    and verified_entities.phase <> 'done'
  order by verified_entities.place
  limit 1
  for update skip locked
$$;

comment on function landfall.next_to_verify is
$$Claims the entity that comes next, and says how far it is; null when none is left to claim.$$;


create function landfall.has_to_verify(verification_id bigint)
  returns boolean
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select exists (
    select
    from landfall.verified_entities
    where verified_entities.verification_id = has_to_verify.verification_id
      and verified_entities.phase <> 'done'
  )
$$;

comment on function landfall.has_to_verify is
$$Whether any entity is still to be verified, whoever has claimed it.$$;


create function landfall.stale_sql(shape jsonb)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
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
$$;

comment on function landfall.stale_sql is
$$Writes the query for what is wrong with rows that were migrated and whose source was rejected
since: they must stand as they were written. $1 run or null, $2 entity, $3 keys, $4 samples.$$;


create function landfall.plan_ranges(shape jsonb, after_key text)
  returns text[]
  language plpgsql
  stable
  security invoker
  set search_path = ''
  -- keys are read in their order: an index is worth it, for a part of them too
  set random_page_cost = '1.1'
as $$
declare
  c_length  constant int := 10000;
  c_ranges  constant int := 100;
  v_ranges  text[];
  v_rows    int;
begin
  execute format(
    $sql$
      select array_agg(source_key order by nth) filter (where nth %% $2 = 0), count(*)
      from (
        select source_key, row_number() over (order by source_key) as nth
        from (
          select source_key
          from %s as row_
          where source_key >= coalesce($1, %L) and source_key is distinct from $1%s
          order by source_key
          limit $3
        ) as ahead
      ) as keys
    $sql$,
    plan_ranges.shape ->> 'transform',        -- a relation, quoted by Postgres
    plan_ranges.shape ->> 'firstKey',
    landfall.scopes_sql(plan_ranges.shape)    -- a condition, its values quoted
  )
  into v_ranges, v_rows
  using plan_ranges.after_key, c_length, c_length * c_ranges;

  -- the last range goes on to the end of lineage
  return v_ranges || case when v_rows < c_length * c_ranges then array[null::text] else '{}' end;
end
$$;

comment on function landfall.plan_ranges is
$$Cuts the source keys after the one given into ranges, a hundred at most, and returns the last key
of each: null for the one that goes on to the end.

Keys are read once for all: a view may have to compute all its rows to find the next few.$$;


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
  -- a range is a part of an index
  set random_page_cost = '1.1'
as $$
declare
  v_ahead    text[] := entity.ahead;
  v_to       text;
  v_rejected text[];
  v_deferred text[];
  v_counts   jsonb;
  v_stale    jsonb;
  v_begun    constant timestamptz := clock_timestamp();
  v_shape    constant jsonb := verify_range.shape || jsonb_build_object(
    'firstKey', case when entity.verified_to is null then landfall.first_key(shape) else '' end
  );
begin
  if cardinality(v_ahead) = 0 then
    v_ahead := landfall.plan_ranges(v_shape, entity.verified_to);
  end if;

  v_to := v_ahead[1];

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
        where %3$s >= coalesce($2, '') and %3$s is distinct from $2 and (%3$s <= $3 or $3 is null)
        group by aside.source_key
      ) as listed
      where exists (select from %1$s as row_ where row_.source_key = listed.source_key%2$s)
    $sql$,
    verify_range.shape ->> 'transform',                -- %1$s  as above
    landfall.scopes_sql(verify_range.shape),           -- %2$s  as above
    landfall.key_sql(verify_range.shape, 'aside')      -- %3$s  a column, and a name Postgres quoted
  )
  into v_rejected, v_deferred
  using entity.entity_id, entity.verified_to, v_to;

  v_rejected := coalesce(v_rejected, '{}');
  v_deferred := coalesce(v_deferred, '{}');
  v_counts := landfall.compare_range(
    verification, v_shape, entity.entity_id, entity.verified_to, v_to, v_rejected || v_deferred
  );

  execute landfall.stale_sql(verify_range.shape)
  into v_stale
  using
    verification.run_id, entity.entity_id, v_rejected || v_deferred,
    coalesce((verification.options ->> 'samples')::int, 5);

  perform landfall.add_differences(
    verification.id, entity.entity_id, (v_counts -> 'differences') || v_stale
  );

  update landfall.verified_entities
  set
    phase = case when v_to is null then 'table' else 'rows' end,
    verified_to = v_to,
    ahead = v_ahead[2:],
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

  return (v_counts ->> 'source')::int + cardinality(v_rejected || v_deferred);
end
$$;

comment on function landfall.verify_range is
$$Verifies the next range of an entity's source keys and returns how many there were.$$;

select landfall.close_doors();
