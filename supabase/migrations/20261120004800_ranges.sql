/*
 * Chapter 48: ranges. A range of source keys is compared; rows that no longer compute are found and
 * named.
 *
 * Reads  the transforms, the targets, landfall.lineage
 * Writes nothing
 * Holds  a row that cannot be computed does not keep the others from being compared
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
        and (row_.source_key <= $2 or $2 is null) and row_.source_key <> all ($3)%s
    $sql$,
    compare_range.shape ->> 'transform',          -- a relation, quoted by Postgres
    landfall.scopes_sql(compare_range.shape)      -- a condition, its values quoted
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

select landfall.close_doors();
