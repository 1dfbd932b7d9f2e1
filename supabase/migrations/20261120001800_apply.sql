/*
 * Chapter 18: apply. One batch from transform to target: insert, update, reject, and the proof
 * that every row is accounted for.
 *
 * Reads  the transforms, landfall.lineage
 * Writes the targets, landfall.lineage, changes, rejects, deferred
 * Holds  source = inserted + updated + unchanged + rejected + deferred, or nothing is written
 */

create function landfall.add_counts(one jsonb, other jsonb)
  returns jsonb
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select jsonb_object_agg(
    counts.name, coalesce((one ->> counts.name)::int, 0) + coalesce((other ->> counts.name)::int, 0)
  ) || jsonb_build_object('findings', coalesce(
    (
      select jsonb_object_agg(
        names.name,
        jsonb_build_object(
          'count', coalesce((one #>> array['findings', names.name, 'count'])::int, 0)
            + coalesce((other #>> array['findings', names.name, 'count'])::int, 0),
          'sample', jsonb_path_query_array(
            coalesce(one #> array['findings', names.name, 'sample'], '[]')
              || coalesce(other #> array['findings', names.name, 'sample'], '[]'),
            '$[0 to 4]'
          )
        )
      )
      from jsonb_object_keys(
        coalesce(one -> 'findings', '{}') || coalesce(other -> 'findings', '{}')
      ) as names (name)
    ),
    '{}'
  ))
  from unnest(array['source', 'inserted', 'updated', 'unchanged', 'rejected', 'deferred'])
    as counts (name)
$$;

comment on function landfall.add_counts is
$$Adds the counts and findings of two parts of a batch.$$;


create function landfall.write_rows(
  run_id bigint,
  entity_id int,
  shape jsonb,
  predicate text,
  from_key text,
  to_key text,
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
  v_policy    text := coalesce(write_rows.shape ->> 'onExisting', 'reject');
  v_blamed    jsonb := write_rows.faults -> 'columns';
  v_counts    jsonb;
  v_settled   jsonb := '{"updated": 0, "kept": 0, "handled": []}';
  v_unsettled text[];
  v_rejected  int := 0;
begin
  execute landfall.insert_sql(
    write_rows.shape, write_rows.predicate, v_blamed, doubles => write_rows.keys is not null
  )
  into v_counts
  using run_id, entity_id, from_key, to_key, keys, v_policy;

  v_unsettled := array(select jsonb_array_elements_text(v_counts -> 'unsettled'));

  if cardinality(v_unsettled) > 0
    and ((write_rows.shape ->> 'known')::boolean or v_policy <> 'reject')
  then
    execute landfall.update_sql(write_rows.shape, v_blamed)
    into v_settled
    using run_id, entity_id, from_key, to_key, v_unsettled, v_policy;

    v_unsettled := array(
      select left_over from unnest(v_unsettled) as left_over
      except
      select jsonb_array_elements_text(v_settled -> 'handled')
    );
  end if;

  if cardinality(v_unsettled) > 0 then
    execute landfall.reject_sql(write_rows.shape, v_blamed)
    using
      run_id, entity_id, from_key, to_key, v_unsettled, v_policy,
      write_rows.faults -> 'rows';

    get diagnostics v_rejected = row_count;
  end if;

  v_counts := v_counts - 'unsettled' || jsonb_build_object(
    'updated', (v_settled ->> 'updated')::int,
    'unchanged', (v_counts ->> 'unchanged')::int + (v_settled ->> 'kept')::int,
    'rejected', v_rejected
  );

  if (v_counts ->> 'source')::int <> (
    select sum((v_counts ->> outcomes.name)::int)
    from unnest(array['inserted', 'updated', 'unchanged', 'rejected', 'deferred'])
      as outcomes (name)
  ) then
    raise exception using
      errcode = 'LF301',
      message = format('The rows of %s do not add up', write_rows.shape ->> 'target'),
      detail  = v_counts::text,
      hint    = 'Nothing of this batch is written. Please report this with the view and the table.';
  end if;

  return v_counts;
end
$$;

comment on function landfall.write_rows is
$$Writes the rows a predicate names, all or none, and returns what became of them.

Raises LF301 when the outcomes do not add up to the source rows.$$;


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
  c_by_keys constant text := 'row_.source_key = any ($5)';
  v_middle  int := cardinality(write_keys.keys) / 2;
  v_reason  text;
  v_detail  text;
  v_fault   jsonb;
begin
  begin
    return landfall.write_rows(
      run_id, entity_id, shape, c_by_keys, null, null, write_keys.keys, faults
    );
  exception when others then
    if not landfall.is_data_error(sqlstate) then
      raise;
    end if;

    v_reason := landfall.plain_reason(sqlstate, sqlerrm);
    v_detail := sqlerrm;
  end;

  if v_middle = 0 then
    v_fault := jsonb_build_object(
      write_keys.keys[1],
      jsonb_build_object('reasons', array[v_reason], 'details', array[v_detail])
    );

    begin
      execute landfall.reject_sql(write_keys.shape, write_keys.faults -> 'columns')
      using
        run_id, entity_id, null::text, null::text, write_keys.keys, 'reject'::text, v_fault;
    exception when others then
      -- a check that raises cannot be asked for its reason: what it raised is the reason
      if not landfall.is_data_error(sqlstate) then
        raise;
      end if;

      execute landfall.reject_dead_sql(write_keys.shape)
      using run_id, entity_id, write_keys.keys, v_fault;
    end;

    return landfall.add_counts('{"source": 1, "rejected": 1}', '{}');
  end if;

  return landfall.add_counts(
    landfall.write_keys(run_id, entity_id, shape, write_keys.keys[:v_middle], faults),
    landfall.write_keys(run_id, entity_id, shape, write_keys.keys[v_middle + 1:], faults)
  );
end
$$;

comment on function landfall.write_keys is
$$Writes rows by their keys; when the target itself refuses some, halves them until these stand
alone and are rejected with the target's own words.$$;


create function landfall.write_batch(
  run_id bigint,
  entity_id int,
  shape jsonb,
  from_key text,
  to_key text
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  c_no_faults constant jsonb := '{"columns": {}, "rows": {}, "dead": []}';
  v_predicate text := case
    when (write_batch.shape ->> 'byKey')::boolean then
      'row_.source_key in (select run_keys.source_key from landfall.run_keys'
      ' where run_keys.run_id = $1 and run_keys.entity_id = $2'
      ' and run_keys.source_key between $3 and $4)'
    else 'row_.source_key between $3 and $4'
  end;
  v_keys   text[];
  v_faults jsonb;
  v_dead   text[];
begin
  begin
    return landfall.write_rows(
      run_id, entity_id, shape, v_predicate, from_key, to_key, null, c_no_faults
    );
  exception when others then
    if not landfall.is_data_error(sqlstate) then
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

  v_faults := landfall.find_faults(shape, v_keys);
  v_dead := array(select jsonb_array_elements_text(v_faults -> 'dead'));

  if cardinality(v_dead) > 0 then
    execute landfall.reject_dead_sql(shape) using run_id, entity_id, v_dead, v_faults -> 'rows';

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
$$Writes one batch. A batch without faulty values takes one to three statements in all.$$;

select landfall.close_doors();
