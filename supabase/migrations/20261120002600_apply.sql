/*
 * Chapter 26: apply. One batch from transform to target: in one go when nothing in it raises, by
 * halves when something does.
 *
 * Reads  the transforms
 * Writes the targets, landfall.lineage, changes, rejects, deferred
 * Holds  source = inserted + updated + unchanged + rejected + deferred, or nothing is written
 */

create function landfall.insert_keys(
  run_id bigint,
  entity_id int,
  shape jsonb,
  keys text[],
  faults jsonb
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_counts  jsonb := '{}';
  v_refused jsonb := '{}';
  v_part    jsonb;
  v_from    int[] := array[1];
  v_to      int[] := array[cardinality(insert_keys.keys)];
  v_low     int;
  v_high    int;
  v_middle  int;
  v_left    text[] := '{}';
  v_context text;
begin
  perform landfall.prepare_anew(
    'landfall_insert',
    'bigint, int, text, text, text[], text',
    landfall.insert_sql(
      insert_keys.shape, 'row_.source_key = any ($5)', insert_keys.faults -> 'columns'
    )
  );

  while cardinality(v_from) > 0 loop
    v_low := v_from[cardinality(v_from)];
    v_high := v_to[cardinality(v_to)];
    v_from := trim_array(v_from, 1);
    v_to := trim_array(v_to, 1);

    begin
      execute format(
        'execute landfall_insert(%s, %s, null, null, %L, null)',
        insert_keys.run_id, insert_keys.entity_id, insert_keys.keys[v_low:v_high]
      )
      into v_part;

      perform landfall.check_inserted(insert_keys.shape, insert_keys.entity_id, v_part);
      v_counts := landfall.add_counts(v_counts, v_part);
      v_left := v_left || array(select jsonb_array_elements_text(v_part -> 'unsettled'));
    exception when others then
      get stacked diagnostics v_context = pg_exception_context;

      if not landfall.is_data_error(sqlstate, v_context) then
        raise;
      end if;

      if v_low < v_high then
        v_middle := (v_low + v_high) / 2;
        v_from := v_from || array[v_middle + 1, v_low];
        v_to := v_to || array[v_high, v_middle];
      else
        v_part := landfall.describe_fault(shape, sqlstate, sqlerrm);

        -- what a constraint refuses, a check can say better
        if sqlstate like '23%' then
          v_part := v_part - 'reasons' || jsonb_build_object('otherwise', v_part -> 'reasons');
        end if;

        v_refused := v_refused || jsonb_build_object(insert_keys.keys[v_low], v_part);
      end if;
    end;
  end loop;

  return v_counts || jsonb_build_object('unsettled', v_left, 'refused', v_refused);
end
$$;

comment on function landfall.insert_keys is
$$Inserts rows by their keys; when the target itself refuses some, halves them until these stand
alone.

Returns the counts of those it could insert, the keys that are unsettled, and what the target
said of each it refused.$$;


create function landfall.write_part(
  run_id bigint,
  entity_id int,
  shape jsonb,
  predicate text,
  from_key text,
  to_key text,
  free boolean
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_keys   text[];
  v_faults jsonb;
  v_dead   text[];
  v_context text;
begin
  begin
    if write_part.free then
      begin
        return landfall.write_range(
          run_id, entity_id, shape, write_part.predicate, from_key, to_key, free => true
        );
      exception when unique_violation or exclusion_violation then
        -- a place is taken: see which
        null;
      end;
    end if;

    return landfall.write_range(
      run_id, entity_id, shape, write_part.predicate, from_key, to_key, free => false
    );
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    -- 21000 is what two rows of one source key lead to
    if sqlstate <> '21000' and not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;
  end;

  execute format(
    'select array_agg(row_.source_key order by row_.source_key) from %s as row_ where %s',
    write_part.shape ->> 'transform',   -- a relation, quoted by Postgres
    write_part.predicate
  )
  into v_keys
  using run_id, entity_id, from_key, to_key;

  if cardinality(v_keys) > (select count(distinct key) from unnest(v_keys) as key) then
    perform landfall.refuse_twice(
      shape ->> 'transform',
      (select key from unnest(v_keys) as key group by key having count(*) > 1 limit 1)
    );
  end if;

  v_faults := landfall.find_faults(shape, v_keys);
  v_dead := array(select jsonb_array_elements_text(v_faults -> 'dead'));

  if cardinality(v_dead) > 0 then
    perform landfall.reject_dead(run_id, entity_id, shape, v_dead, v_faults -> 'rows');

    v_keys := array(
      select keys.key
      from unnest(v_keys) with ordinality as keys (key, nth)
      where keys.key <> all (v_dead)
      order by keys.nth
    );
  end if;

  return landfall.add_counts(
    landfall.write_keys(run_id, entity_id, shape, v_keys, v_faults),
    jsonb_build_object('source', cardinality(v_dead), 'rejected', cardinality(v_dead))
  );
end
$$;

comment on function landfall.write_part is
$$Writes the rows of a batch for which the predicate holds, and counts what became of them.

Where nothing raises, it takes one to three statements in all. free expects that every place in the
target is free, and costs another try where one is not.$$;


create function landfall.write_batch(
  run_id bigint,
  entity_id int,
  shape jsonb,
  from_key text,
  to_key text,
  free boolean
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_predicate text := case
    when (write_batch.shape ->> 'byKey')::boolean then
      'row_.source_key in (select run_keys.source_key from landfall.run_keys'
      ' where run_keys.run_id = $1 and run_keys.entity_id = $2'
      ' and run_keys.source_key between $3 and $4)'
    else 'row_.source_key between $3 and $4'
  end || case
    -- what is decided again has been taken before
    when coalesce((write_batch.shape ->> 'inOrder')::boolean, false) then ''
    else landfall.scopes_sql(write_batch.shape)
  end;
  v_recognized jsonb := landfall.recognize_rows(
    run_id, entity_id, shape, v_predicate, from_key, to_key
  );
begin
  if v_recognized is null then
    return landfall.write_part(run_id, entity_id, shape, v_predicate, from_key, to_key, free);
  end if;

  return landfall.add_counts(
    v_recognized - 'left',
    case
      when v_recognized -> 'left' = '[]' then '{}'
      else landfall.write_part(
        run_id,
        entity_id,
        shape || '{"byKey": true}',
        format(
          'row_.source_key = any (%L::text[])',
          array(select jsonb_array_elements_text(v_recognized -> 'left'))
        ),
        from_key,
        to_key,
        free
      )
    end
  );
end
$$;

comment on function landfall.write_batch is
$$Writes one batch and counts what became of its rows; landfall.batches holds the proof. Rows that
need not be computed are counted first.$$;

select landfall.close_doors();
