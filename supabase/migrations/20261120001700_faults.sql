/*
 * Chapter 17: faults. A row that fails is asked column by column and rule by rule, so that its
 * reject names all that is wrong with it.
 *
 * Reads  the transforms
 * Writes nothing
 * Holds  every failing row has a reason, in Postgres's own words
 */

create function landfall.find_faults(shape jsonb, keys text[])
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  c_alike   constant int := 3;
  v_failing text[] := landfall.failing_keys(find_faults.shape, find_faults.keys);
  v_suspect jsonb := '[]';
  v_item    jsonb;
  v_key     text;
  v_said    text;
  v_reason  text;
  v_last    text;
  v_alike   int;
  -- one place in each array per fault
  v_names   text[] := '{}';
  v_keys    text[] := '{}';
  v_reasons text[] := '{}';
  v_details text[] := '{}';
  v_dead    text[] := '{}';
begin
  if cardinality(v_failing) > 0 then
    for v_item in select jsonb_array_elements(landfall.probe_items(find_faults.shape)) loop
      begin
        execute landfall.probe_sql(find_faults.shape, jsonb_build_array(v_item)) using v_failing;
      exception when others then
        v_suspect := v_suspect || v_item;
      end;
    end loop;
  end if;

  foreach v_key in array v_failing loop
    v_last := null;
    v_alike := 0;

    for v_item in select jsonb_array_elements(v_suspect) loop
      begin
        execute landfall.probe_sql(find_faults.shape, jsonb_build_array(v_item))
        using array[v_key];
        continue;
      exception when others then
        if not landfall.is_data_error(sqlstate) then
          raise;
        end if;

        v_said := sqlerrm;
        v_reason := landfall.plain_reason(sqlstate, sqlerrm);
      end;

      v_alike := case when v_reason = v_last then v_alike + 1 else 1 end;
      v_last := v_reason;
      v_names := v_names || (v_item ->> 'name');
      v_keys := v_keys || v_key;
      v_reasons := v_reasons || format('%s: %s', v_item ->> 'says', v_reason);
      v_details := v_details || v_said;

      -- columns that fail alike are one fault, of the row itself
      if v_alike = c_alike then
        v_names := trim_array(v_names, c_alike)
          || array(select item ->> 'name' from jsonb_array_elements(v_suspect) as item);
        v_keys := trim_array(v_keys, c_alike)
          || array_fill(v_key, array[jsonb_array_length(v_suspect)]);
        v_reasons := trim_array(v_reasons, c_alike)
          || array_fill('the row: ' || v_reason, array[jsonb_array_length(v_suspect)]);
        v_details := trim_array(v_details, c_alike)
          || array_fill(v_said, array[jsonb_array_length(v_suspect)]);
        exit;
      end if;
    end loop;

    if v_last is null then
      raise exception using
        errcode = 'LF302',
        message = format('%s fails outside its columns', find_faults.shape ->> 'transform'),
        detail  = 'A row can be computed column by column, but not as a whole.',
        hint    = 'Look at the conditions and joins of the view, and make them safe for every row.';
    end if;

    -- where columns share a step that fails, sparing them one by one does not help
    begin
      execute landfall.probe_sql(
        find_faults.shape,
        (
          select jsonb_agg(items.item || jsonb_build_object('sql', landfall.spare_faults(
            failed.columns, items.item ->> 'name', items.item ->> 'sql'
          )))
          from jsonb_array_elements(landfall.probe_items(find_faults.shape)) as items (item)
          cross join (
            select jsonb_object_agg(faults.name, jsonb_build_array(v_key)) as columns
            from unnest(v_names, v_keys) as faults (name, key)
            where faults.key = v_key
          ) as failed
        )
      )
      using array[v_key];
    exception when others then
      if not landfall.is_data_error(sqlstate) then
        raise;
      end if;

      v_dead := v_dead || v_key;
    end;
  end loop;

  return (
    select jsonb_build_object(
      'dead', v_dead,
      'columns', (
        select coalesce(jsonb_object_agg(blamed.name, blamed.keys), '{}')
        from (
          select name, jsonb_agg(distinct key) as keys
          from unnest(v_names, v_keys) as faults (name, key)
          where key <> all (v_dead)
          group by name
        ) as blamed
      ),
      'rows', (
        select coalesce(
          jsonb_object_agg(
            failed.key, jsonb_build_object('reasons', failed.reasons, 'details', failed.details)
          ),
          '{}'
        )
        from (
          select key, jsonb_agg(distinct reason) as reasons, jsonb_agg(distinct detail) as details
          from unnest(v_keys, v_reasons, v_details) as faults (key, reason, detail)
          group by key
        ) as failed
      )
    )
  );
end
$$;

comment on function landfall.find_faults is
$$Finds the rows of a batch that do not compute, what is to blame, and Postgres's words.

Returns {"columns": {column or rule: [keys]}, "rows": {key: {"reasons": […], "details": […]}},
"dead": [keys]}; a dead row cannot be computed even without the columns that fail. Raises LF302
when a row fails, yet none of its columns does.$$;

select landfall.close_doors();
