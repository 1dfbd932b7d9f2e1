/*
 * Chapter 25: apply. One batch from transform to target: in one go when nothing in it raises, by
 * halves when something does.
 *
 * Reads  the transforms
 * Writes the targets, landfall.lineage, changes, rejects, deferred
 * Holds  source = inserted + updated + unchanged + rejected + deferred, or nothing is written
 */

create function landfall.check_inserted(shape jsonb, entity_id int, counts jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  if counts -> 'written' <> counts -> 'inserted' then
    raise exception using
      errcode = 'check_violation',
      message = format(
        'a trigger of %s changes its primary key', check_inserted.shape ->> 'target'
      );
  end if;

  if counts ? 'keys' then
    execute landfall.rehash_sql(check_inserted.shape)
    using entity_id, array(select jsonb_array_elements_text(counts -> 'keys'));
  end if;
end
$$;

comment on function landfall.check_inserted is
$$Looks after rows just inserted where the target has triggers: none may have lost its lineage, and
the hash is that of the row as the triggers left it.

What is raised is a data error: the batch is written again by halves, and the row rejected.$$;


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


create function landfall.write_keys(
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
as $$
declare
  v_counts  jsonb := landfall.insert_keys(run_id, entity_id, shape, write_keys.keys, faults);
  v_refused text[] := array(select jsonb_object_keys(v_counts -> 'refused'));
begin
  return landfall.add_counts(
    landfall.add_counts(v_counts, jsonb_build_object('source', cardinality(v_refused))),
    landfall.settle_keys(
      run_id,
      entity_id,
      shape,
      v_refused || array(select jsonb_array_elements_text(v_counts -> 'unsettled')),
      faults || jsonb_build_object(
        'rows', (v_counts -> 'refused') || (write_keys.faults -> 'rows')
      )
    )
  );
end
$$;

comment on function landfall.write_keys is
$$Writes rows by their keys, each that the target refuses rejected with the target's own words.$$;


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
  v_keys   text[];
  v_faults jsonb;
  v_dead   text[];
  v_context text;
begin
  begin
    if write_batch.free then
      begin
        return landfall.write_range(
          run_id, entity_id, shape, v_predicate, from_key, to_key, free => true
        );
      exception when unique_violation or exclusion_violation then
        -- a place is taken: see which
        null;
      end;
    end if;

    return landfall.write_range(
      run_id, entity_id, shape, v_predicate, from_key, to_key, free => false
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
    write_batch.shape ->> 'transform',   -- a relation, quoted by Postgres
    v_predicate
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

comment on function landfall.write_batch is
$$Writes one batch and counts what became of its rows; landfall.batches holds the proof.

A batch in which nothing raises takes one to three statements in all. free expects that every place
in the target is free, and costs another try where one is not.$$;

select landfall.close_doors();
