/*
 * Chapter 23: probes. A value that does not cast fails the whole statement. The batch is then
 * halved until the failing rows stand alone.
 *
 * Reads  the transforms
 * Writes nothing
 * Holds  only data errors become rejects; anything else stops the batch, to be taken again
 */

create function landfall.is_data_error(sqlstate text, context text)
  returns boolean
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return is_data_error.sqlstate ~ '^(22|23|44|5400[01])'
    -- what a trigger raises, whatever code its author chose
    or is_data_error.sqlstate !~ '^LF'
      and split_part(is_data_error.context, E'\n', 1) ~ '^PL/pgSQL .* RAISE$';
end
$$;

comment on function landfall.is_data_error is
$$Whether an error says something about a row: classes 22, 23 and 44, a value too long for an index
(54000) or nested too deep (54001), and what a trigger raises.

The context is Postgres's own: its first line tells who raised.

A deadlock, a timeout, a full disk or a mistake in a view is none.$$;


create function landfall.describe_fault(shape jsonb, sqlstate text, message text)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case
    when describe_fault.shape -> 'secretFields' = '[]' then jsonb_build_object(
      'reasons', jsonb_build_array(landfall.plain_reason(sqlstate, message)),
      'details', jsonb_build_array(message)
    )
    -- what a trigger says may quote a secret, and what Postgres says of a value is the value
    else jsonb_build_object(
      'reasons', jsonb_build_array(
        case when sqlstate ~ '^2[23]' then landfall.plain_reason(sqlstate, message)
          else format('the target raises %s', sqlstate) end
      ),
      'details', jsonb_build_array('withheld, since the entity has secret fields')
    )
  end;
end
$$;

comment on function landfall.describe_fault is
$$Makes a reject's reasons and details of what Postgres raised; details hold row values, except
for an entity with secret fields.$$;


create function landfall.probe_items(shape jsonb)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(items.item order by items.rank, items.nth), '[]')
    from (
      select
        1 as rank, columns.nth,
        jsonb_build_object(
          'name', columns.item ->> 'name',
          'says', columns.item ->> 'name',
          'sql', format('row_.%I::%s', columns.item ->> 'name', columns.item ->> 'type')
        ) as item
      from jsonb_array_elements(probe_items.shape -> 'columns')
        with ordinality as columns (item, nth)

      union all
      select
        2, rules.nth,
        jsonb_build_object(
          'name', rules.item ->> 'column',
          'says', 'rule ' || (rules.item ->> 'name'),
          'sql', format('(%s)', rules.item ->> 'condition')
        )
      from jsonb_array_elements(probe_items.shape -> 'rules') with ordinality as rules (item, nth)
      where rules.item ->> 'condition' is not null
    ) as items
  );
end
$$;

comment on function landfall.probe_items is
$$Lists what is computed for a row: its columns, and the conditions of its rules.$$;


create function landfall.probe_sql(shape jsonb, items jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      'select count(row(%s)) from %s as row_ where row_.source_key = any ($1)',
      string_agg(items.item ->> 'sql', ', ' order by items.nth),
      probe_sql.shape ->> 'transform'
    )
    from jsonb_array_elements(probe_sql.items) with ordinality as items (item, nth)
  );
end
$$;

comment on function landfall.probe_sql is
$$Writes a query that computes items of some rows and throws the values away.$$;


create function landfall.prepare_anew(name text, parameters text, statement text)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  if exists (
    select
    from pg_catalog.pg_prepared_statements as prepared
    where prepared.name = prepare_anew.name
  ) then
    execute format('deallocate %I', prepare_anew.name);
  end if;

  execute format(
    'prepare %I (%s) as %s', prepare_anew.name, prepare_anew.parameters, prepare_anew.statement
  );
end
$$;

comment on function landfall.prepare_anew is
$$Prepares a statement, so that executing it some hundred times plans it once.

The name belongs to the session and outlives a transaction that fails: each use begins anew.$$;


create function landfall.failing_keys(shape jsonb, keys text[])
  returns text[]
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set plan_cache_mode = 'force_generic_plan'
as $$
declare
  -- a slice costs about as much to plan as to compute
  c_slice    constant int := 64;
  c_together constant int := 4;
  v_failing  text[] := '{}';
  v_from     int[];
  v_to       int[];
  v_low      int;
  v_high     int;
  v_middle   int;
  v_context  text;
begin
  select array_agg(starts.low order by starts.low desc)
  into v_from
  from generate_series(1, cardinality(failing_keys.keys), c_slice) as starts (low);

  v_to := array(
    select least(low + c_slice - 1, cardinality(failing_keys.keys)) from unnest(v_from) as low
  );

  perform landfall.prepare_anew(
    'landfall_probe',
    'text[]',
    landfall.probe_sql(failing_keys.shape, landfall.probe_items(failing_keys.shape))
  );

  while cardinality(v_from) > 0 loop
    v_low := v_from[cardinality(v_from)];
    v_high := v_to[cardinality(v_to)];
    v_from := trim_array(v_from, 1);
    v_to := trim_array(v_to, 1);

    begin
      execute format('execute landfall_probe(%L)', failing_keys.keys[v_low:v_high]);
    exception when others then
      get stacked diagnostics v_context = pg_exception_context;

      if not landfall.is_data_error(sqlstate, v_context) then
        raise;
      end if;

      if v_low = v_high then
        v_failing := v_failing || failing_keys.keys[v_low];
      elsif v_high - v_low < c_together then
        -- a handful is quicker one by one than by halves
        v_from := v_from || array(select generate_series(v_high, v_low, -1));
        v_to := v_to || array(select generate_series(v_high, v_low, -1));
      else
        v_middle := (v_low + v_high) / 2;
        v_from := v_from || array[v_middle + 1, v_low];
        v_to := v_to || array[v_high, v_middle];
      end if;
    end;
  end loop;

  return v_failing;
end
$$;

comment on function landfall.failing_keys is
$$Finds the rows that the transform cannot compute: slice by slice, and a slice that fails by
halves. k of n take about n / 64 + k·log 64 probes.$$;

select landfall.close_doors();
