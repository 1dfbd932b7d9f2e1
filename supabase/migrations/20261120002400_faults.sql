/*
 * Chapter 24: faults. A row that fails is asked column by column and rule by rule, so that its
 * reject names all that is wrong with it.
 *
 * Reads  the transforms
 * Writes nothing
 * Holds  every failing row has a reason, in Postgres's own words
 */

create function landfall.item_fault(shape jsonb, items jsonb, keys text[])
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_context text;
begin
  execute landfall.probe_sql(item_fault.shape, item_fault.items) using item_fault.keys;
  return null;
exception when others then
  get stacked diagnostics v_context = pg_exception_context;

  if not landfall.is_data_error(sqlstate, v_context) then
    raise;
  end if;

  return landfall.describe_fault(shape, sqlstate, sqlerrm);
end
$$;

comment on function landfall.item_fault is
$$Computes items of some rows; returns what Postgres raised, null when nothing did.$$;


create function landfall.find_dead(shape jsonb, keys text[])
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_items  jsonb;
  v_fault  jsonb;
  v_dead   jsonb := '{}';
  v_key    text;
begin
  select jsonb_agg(
    items.item || jsonb_build_object(
      'sql', format('case when row_.source_key <> all ($1) then %s end', items.item ->> 'sql')
    )
  )
  into v_items
  from jsonb_array_elements(landfall.probe_items(find_dead.shape)) as items (item);

  if landfall.item_fault(find_dead.shape, v_items, find_dead.keys) is null then
    return v_dead;
  end if;

  foreach v_key in array find_dead.keys loop
    v_fault := landfall.item_fault(find_dead.shape, v_items, array[v_key]);

    if v_fault is not null then
      v_dead := v_dead || jsonb_build_object(v_key, jsonb_build_object(
        'reasons', jsonb_build_array('the row: ' || (v_fault -> 'reasons' ->> 0)),
        'details', v_fault -> 'details'
      ));
    end if;
  end loop;

  return v_dead;
end
$$;

comment on function landfall.find_dead is
$$Finds the rows in which a step fails that all columns share, so that sparing columns is no help.

Returns {key: {"reasons": […], "details": […]}}.$$;


create function landfall.find_faults(shape jsonb, keys text[])
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_failing text[] := landfall.failing_keys(find_faults.shape, find_faults.keys);
  v_dead    jsonb := landfall.find_dead(find_faults.shape, v_failing);
  v_suspect jsonb := '[]';
  v_alive   text[];
  v_item    jsonb;
  v_key     text;
  v_fault   jsonb;
  -- one place in each array per fault
  v_names   text[] := '{}';
  v_keys    text[] := '{}';
  v_reasons text[] := '{}';
  v_details text[] := '{}';
begin
  v_alive := array(select key from unnest(v_failing) as key where not v_dead ? key);

  if cardinality(v_alive) > 0 then
    select coalesce(jsonb_agg(items.item), '[]')
    into v_suspect
    from jsonb_array_elements(landfall.probe_items(find_faults.shape)) as items (item)
    where landfall.item_fault(find_faults.shape, jsonb_build_array(items.item), v_alive)
      is not null;
  end if;

  foreach v_key in array v_alive loop
    for v_item in select jsonb_array_elements(v_suspect) loop
      v_fault := landfall.item_fault(
        find_faults.shape, jsonb_build_array(v_item), array[v_key]
      );

      if v_fault is not null then
        v_names := v_names || (v_item ->> 'name');
        v_keys := v_keys || v_key;
        -- a rule that only stumbles over what its column says already has nothing to add
        v_reasons := v_reasons || case
          when v_item ->> 'says' like 'rule %' and v_fault -> 'details' ->> 0 in (
            select detail from unnest(v_keys, v_details) as faults (key, detail) where key = v_key
          ) then null
          else format('%s: %s', v_item ->> 'says', v_fault -> 'reasons' ->> 0)
        end;
        v_details := v_details || (v_fault -> 'details' ->> 0);
      end if;
    end loop;

    if v_key <> all (v_keys) then
      raise exception using
        errcode = 'LF302',
        message = format('%s fails outside its columns', find_faults.shape ->> 'transform'),
        detail  = 'A row can be computed column by column, but not as a whole.',
        hint    = 'Look at the conditions and joins of the view, and make them safe for every row.';
    end if;
  end loop;

  return (
    select jsonb_build_object(
      'dead', array(select jsonb_object_keys(v_dead)),
      'columns', (
        select coalesce(jsonb_object_agg(blamed.name, blamed.keys), '{}')
        from (
          select name, jsonb_agg(distinct key) as keys
          from unnest(v_names, v_keys) as faults (name, key)
          group by name
        ) as blamed
      ),
      'rows', v_dead || (
        select coalesce(
          jsonb_object_agg(
            failed.key, jsonb_build_object('reasons', failed.reasons, 'details', failed.details)
          ),
          '{}'
        )
        from (
          select
            key,
            jsonb_agg(distinct reason) filter (where reason is not null) as reasons,
            jsonb_agg(distinct detail) as details
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
