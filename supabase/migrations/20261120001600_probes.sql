/*
 * Chapter 16: probes. A value that does not cast fails the whole statement. The batch is then
 * halved until the failing rows stand alone.
 *
 * Reads  the transforms
 * Writes nothing
 * Holds  only data errors become rejects; anything else stops the batch, to be taken again
 */

create function landfall.is_data_error(sqlstate text)
  returns boolean
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select is_data_error.sqlstate ~ '^(22|23|44)'
    -- what a trigger raises: P0001, or a code of its author's own
    or is_data_error.sqlstate !~ '^(LF|XX|HV|F0|[0-57])'
$$;

comment on function landfall.is_data_error is
$$Whether an error says something about a row: classes 22, 23 and 44, and what a trigger raises.

A deadlock, a timeout, a full disk or a mistake in a view is none.$$;


create function landfall.probe_items(shape jsonb)
  returns jsonb
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
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
$$;

comment on function landfall.probe_items is
$$Lists what is computed for a row: its columns, and the conditions of its rules.$$;


create function landfall.probe_sql(shape jsonb, items jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select format(
    'select count(row(%s)) from %s as row_ where row_.source_key = any ($1)',
    string_agg(items.item ->> 'sql', ', ' order by items.nth),
    probe_sql.shape ->> 'transform'
  )
  from jsonb_array_elements(probe_sql.items) with ordinality as items (item, nth)
$$;

comment on function landfall.probe_sql is
$$Writes a query that computes items of some rows and throws the values away.$$;


create function landfall.failing_keys(shape jsonb, keys text[])
  returns text[]
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  c_together constant int := 4;
  v_probe    text := landfall.probe_sql(
    failing_keys.shape, landfall.probe_items(failing_keys.shape)
  );
  v_failing  text[] := '{}';
  v_from     int[] := array[1];
  v_to       int[] := array[cardinality(failing_keys.keys)];
  v_low      int;
  v_high     int;
  v_middle   int;
begin
  while cardinality(v_from) > 0 loop
    v_low := v_from[cardinality(v_from)];
    v_high := v_to[cardinality(v_to)];
    v_from := trim_array(v_from, 1);
    v_to := trim_array(v_to, 1);

    begin
      execute v_probe using failing_keys.keys[v_low:v_high];
    exception when others then
      if not landfall.is_data_error(sqlstate) then
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
$$Finds the rows that the transform cannot compute, by halves: k of n take about k·log n probes.$$;

select landfall.close_doors();
