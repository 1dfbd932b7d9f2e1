/*
 * Chapter 25: settle. A range is written in one go; the rows that were not inserted are decided:
 * updated when their result differs, or rejected with every reason.
 *
 * Reads  the transforms, landfall.lineage
 * Writes the targets, landfall.lineage, changes, rejects, deferred
 * Holds  a row that makes Postgres raise is rejected alone, with what was raised
 */

create function landfall.settle_rows(
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
  v_policy    constant text := settle_rows.shape ->> 'onExisting';
  v_settled   jsonb := '{"updated": 0, "kept": 0, "handled": []}';
  v_unsettled text[] := settle_rows.keys;
  v_rejected  int := 0;
begin
  if cardinality(v_unsettled) > 0
    and ((settle_rows.shape ->> 'known')::boolean or v_policy <> 'reject')
  then
    execute landfall.update_sql(settle_rows.shape, settle_rows.faults -> 'columns')
    into v_settled
    using run_id, entity_id, null::text, null::text, v_unsettled, v_policy;

    if (settle_rows.shape ->> 'rewritesLater')::boolean then
      execute landfall.rehash_sql(settle_rows.shape)
      using entity_id, array(select jsonb_array_elements_text(v_settled -> 'handled'));
    end if;

    v_unsettled := array(
      select left_over from unnest(v_unsettled) as left_over
      except
      select jsonb_array_elements_text(v_settled -> 'handled')
    );
  end if;

  if cardinality(v_unsettled) > 0 then
    execute landfall.reject_sql(settle_rows.shape, settle_rows.faults -> 'columns')
    using
      run_id, entity_id, null::text, null::text, v_unsettled, v_policy,
      settle_rows.faults -> 'rows';

    get diagnostics v_rejected = row_count;
  end if;

  return jsonb_build_object(
    'updated', v_settled -> 'updated',
    'unchanged', v_settled -> 'kept',
    'rejected', v_rejected
  );
end
$$;

comment on function landfall.settle_rows is
$$Decides the rows that were not inserted: updates what differs, rejects the rest.$$;


create function landfall.settle_keys(
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
  v_middle  int := cardinality(settle_keys.keys) / 2;
  v_fault   jsonb;
  v_context text;
begin
  begin
    return landfall.settle_rows(run_id, entity_id, shape, settle_keys.keys, faults);
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    v_fault := landfall.describe_fault(shape, sqlstate, sqlerrm);
  end;

  if v_middle = 0 then
    begin
      -- what was raised counts only when no check knows better
      execute landfall.reject_sql(settle_keys.shape, settle_keys.faults -> 'columns')
      using
        run_id, entity_id, null::text, null::text, settle_keys.keys, null::text,
        jsonb_build_object(
          settle_keys.keys[1],
          jsonb_build_object('otherwise', v_fault -> 'reasons', 'details', v_fault -> 'details')
        ) || (settle_keys.faults -> 'rows');
    exception when others then
      get stacked diagnostics v_context = pg_exception_context;

      if not landfall.is_data_error(sqlstate, v_context) then
        raise;
      end if;

      perform landfall.reject_dead(
        run_id, entity_id, shape, settle_keys.keys,
        jsonb_build_object(
          settle_keys.keys[1],
          -- what is known of the row already says more than what was raised last
          v_fault || coalesce(settle_keys.faults -> 'rows' -> settle_keys.keys[1], '{}')
        )
      );
    end;

    return '{"rejected": 1}';
  end if;

  return landfall.add_counts(
    landfall.settle_keys(run_id, entity_id, shape, settle_keys.keys[:v_middle], faults),
    landfall.settle_keys(run_id, entity_id, shape, settle_keys.keys[v_middle + 1:], faults)
  );
end
$$;

comment on function landfall.settle_keys is
$$Decides rows as landfall.settle_rows does; where an update or a check raises, halves them until
the row stands alone, and rejects it with what was raised.$$;


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


create function landfall.write_range(
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
  v_shape  jsonb := landfall.range_shape(entity_id, write_range.shape, from_key, to_key);
  v_counts jsonb;
begin
  execute landfall.insert_sql(
    v_shape, write_range.predicate, doubles => false, free => write_range.free
  )
  into v_counts
  using run_id, entity_id, from_key, to_key, null::text[], null::text;

  perform landfall.check_inserted(write_range.shape, write_range.entity_id, v_counts);

  return landfall.add_counts(
    v_counts,
    landfall.settle_rows(
      run_id,
      entity_id,
      shape,
      array(select jsonb_array_elements_text(v_counts -> 'unsettled')),
      '{"columns": {}, "rows": {}}'
    )
  );
end
$$;

comment on function landfall.write_range is
$$Writes a range of rows in one go; free expects that no place is taken, and raises when one is.$$;

select landfall.close_doors();
