/*
 * Chapter 90: staging parts. The tables of parts are brought to what their views give.
 *
 * Reads  the views of parts
 * Writes the staging tables of parts
 * Holds  whoever begins, a run or a verification, finds staged what is in the source now
 */

create function landfall.analyze_parts(staging text)
  returns void
  language plpgsql
  volatile
  -- definer: only the owner of a table may analyze it, and batches are planned by what it finds
  security definer
  set search_path = ''
as $$
declare
  v_staging regclass := (
    select relations.oid
    from landfall.parts
    join pg_catalog.pg_class as relations
      on relations.oid = landfall.find_relation(parts.staging)
      and relations.relnamespace = 'staging'::regnamespace
    where parts.staging = analyze_parts.staging
  );
  v_columns text := (
    select string_agg(distinct format('%I', columns.attname), ', ')
    from pg_catalog.pg_index as indexes
    join pg_catalog.pg_attribute as columns
      on columns.attrelid = indexes.indrelid
      and columns.attnum = any (indexes.indkey)
    where indexes.indrelid = v_staging
  );
begin
  if v_columns is not null then
    execute format('analyze %s (%s)', v_staging, v_columns);   -- regclass, and quoted with %I
  end if;
end
$$;

comment on function landfall.analyze_parts is
$$Tells the planner how large a staging table of parts has become, and of its indexed columns.$$;


create function landfall.refuse_parts(parts landfall.parts)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_key      text;
  v_nameless boolean;
begin
  execute format(
    $sql$
      select concat_ws(', ', %1$s), num_nulls(%1$s) > 0
      from %2$s
      group by %1$s
      having count(*) > 1 or num_nulls(%1$s) > 0
      order by 2 desc, %1$s
      limit 1
    $sql$,
    (
      select string_agg(format('%I', columns.attname), ', ' order by columns.attnum)
      from pg_catalog.pg_index as indexes
      join pg_catalog.pg_attribute as columns
        on columns.attrelid = indexes.indrelid
        and columns.attnum = any (indexes.indkey)
      where indexes.indrelid = to_regclass(parts.staging)
        and indexes.indisprimary
    ),            -- %1$s  quoted above with %I
    parts.parts   -- %2$s  a view, quoted by Postgres
  )
  into v_key, v_nameless;

  if v_nameless then
    raise exception using
      errcode = 'LF303',
      message = format('%s has rows without a key', parts.parts),
      detail  = format('The primary key of %s takes no null.', parts.staging),
      hint    = 'Give every row a key in the view, or leave such rows out by a condition.';
  elsif v_key is not null then
    perform landfall.refuse_twice(parts.parts, v_key);
  end if;
end
$$;

comment on function landfall.refuse_parts is
$$Raises LF303 for a key of parts that is null or given twice, when the view has such a one.$$;


create function landfall.stage_one(parts landfall.parts)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_fault   constant text := landfall.parts_fault(parts.parts, parts.staging);
  v_counts  jsonb;
  v_whole   boolean;
  v_much    boolean;
  v_context text;
begin
  if v_fault is not null then
    raise exception using
      errcode = 'LF106',
      message = format('Cannot stage the parts of pipeline %s: %s', parts.pipeline, v_fault),
      detail  = format('They are defined from %s to %s.', parts.parts, parts.staging),
      hint    = 'Mend the view or the table, or define the parts again.';
  end if;

  begin
    execute landfall.stage_sql(parts.parts, parts.staging)
    into v_counts, v_whole, v_much;
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    if sqlstate = '23505' then
      perform landfall.refuse_parts(parts);
    end if;

    raise exception using
      errcode = 'LF302',
      message = format(
        'Cannot stage %s: %s', parts.parts, landfall.plain_reason(sqlstate, sqlerrm)
      ),
      detail  = format('A row cannot be computed, or %s does not take it.', parts.staging),
      hint    = 'Leave what may fail to the transform of the entity, which rejects a row alone.';
  end;

  if not v_whole then
    perform landfall.refuse_parts(parts);

    raise exception using
      errcode = 'serialization_failure',
      message = format('The source of %s has changed while it was staged', parts.parts),
      hint    = 'Call again.';
  end if;

  if v_much then
    perform landfall.analyze_parts(parts.staging);
  end if;

  return v_counts;
end
$$;

comment on function landfall.stage_one is
$$Brings one staging table of parts up to date and returns {inserted, updated, deleted}.$$;


create function landfall.stage_parts(pipeline text)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
  -- what a value means must not depend on who calls
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set intervalstyle = 'postgres'
  set extra_float_digits = '1'
  set bytea_output = 'hex'
  set work_mem = '32MB'
as $$
declare
  v_parts  landfall.parts;
  v_staged jsonb := '{}';
begin
  perform landfall.check_pipeline(stage_parts.pipeline);

  if not exists (select from landfall.parts where parts.pipeline = stage_parts.pipeline) then
    return v_staged;
  end if;

  perform landfall.lock_pipeline(stage_parts.pipeline, shared => false);

  for v_parts in
    select parts.* from landfall.parts where parts.pipeline = stage_parts.pipeline order by id
  loop
    v_staged := v_staged || jsonb_build_object(v_parts.staging, landfall.stage_one(v_parts));
  end loop;

  return v_staged;
end
$$;

comment on function landfall.stage_parts is
$$Brings the staging tables of a pipeline's parts to what their views give now, and returns
{staging table: {inserted, updated, deleted}}. What is the same is not written.

The pipeline is locked before anything is read and until the transaction ends, as a run locks it to
begin. So two who stage take turns, no batch is written and no page verified meanwhile, and each of
those sees one state of the parts; whoever only reads waits for nobody. A run or a verification that
is half way goes on with what is staged now, as it would with a source that has changed.

Raises LF101, LF106, LF302 for a row that cannot be computed, LF303 for a key that is null or given
twice.$$;

select landfall.close_doors();
