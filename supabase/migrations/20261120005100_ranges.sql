/*
 * Chapter 51: ranges. A range of source keys is compared, while no run writes; rows that no longer
 * compute are found and named.
 *
 * Reads  the transforms, the targets, landfall.lineage, runs, entities, pipelines
 * Writes nothing
 * Holds  a row that cannot be computed does not keep the others from being compared
 */

create function landfall.is_under_way(pipeline text)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  return exists (
    select
    from landfall.runs
    where runs.pipeline = is_under_way.pipeline
      -- a worker may still write when another has found that the run fails
      and runs.state in ('planned', 'running', 'failed', 'rolling_back')
  );
end
$$;

comment on function landfall.is_under_way is
$$Whether a run of the pipeline is being written or taken back, or may be at any moment.$$;


create function landfall.keep_writers_out(pipeline text)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_alone constant boolean := landfall.is_under_way(keep_writers_out.pipeline);
begin
  perform landfall.lock_pipeline(keep_writers_out.pipeline, shared => not v_alone);

  return v_alone or not landfall.is_under_way(keep_writers_out.pipeline);
end
$$;

comment on function landfall.keep_writers_out is
$$Lets no run of the pipeline write until the transaction ends; false when one has just begun, and
may. Verifications share the pipeline's lock, as workers do: a run that rests cannot begin, resume
or be taken back without having it alone. With a run under way they take turns.$$;


create function landfall.without_defaults(columns jsonb)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        case jsonb_typeof(columns.item -> 'expression')
          when 'null' then columns.item
          else columns.item || '{"expression": "null"}'
        end
        order by columns.nth
      ),
      '[]'
    )
    from jsonb_array_elements(without_defaults.columns) with ordinality as columns (item, nth)
  );
end
$$;

comment on function landfall.without_defaults is
$$Takes the defaults from columns: a value that is neither given nor known is null.$$;


create function landfall.verification_shape(
  verification landfall.verifications,
  entity_id int
)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_entity landfall.entities;
  v_shape  jsonb;
begin
  select entities.*
  into v_entity
  from landfall.entities
  where entities.id = verification_shape.entity_id;

  v_shape := landfall.entity_shape(to_regclass(v_entity.target), to_regclass(v_entity.transform));

  v_shape := v_shape || jsonb_build_object(
    'known', true,
    'waits', false,
    'scoped', (
      select pipelines.scopes is not null
      from landfall.pipelines
      where pipelines.name = verification.pipeline
    ),
    'scopes', verification.options -> 'sourceCompany',
    'rules', '[]'::jsonb,
    'secretFields', v_entity.secret_fields,
    'sums', v_entity.sums,
    -- nothing is drawn for a key that the transform leaves open
    'key', landfall.without_defaults(v_shape -> 'key'),
    'columns', landfall.without_defaults(v_shape -> 'columns'),
    'orphans', landfall.derived_checks(
      to_regclass(v_entity.target),
      array(select item ->> 'name' from jsonb_array_elements(v_shape -> 'stored') as item)
    )
  );

  return v_shape || jsonb_build_object('firstKey', landfall.first_key(v_shape));
end
$$;

comment on function landfall.verification_shape is
$$Derives what must be known of an entity to verify it: once, so that all its ranges are compared
alike.$$;


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
