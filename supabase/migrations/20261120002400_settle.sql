/*
 * Chapter 24: settle. A range is written in one go; the rows that were not inserted are decided:
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
  v_shape      jsonb := write_range.shape;
  v_predicate  text := write_range.predicate;
  v_recognized jsonb := '{}';
  v_left       text[];
  v_counts     jsonb;
begin
  if (shape ->> 'known')::boolean
    -- otherwise the index of lineage is in another order than the range
    and landfall.key_sql(shape, 'lineage') = 'lineage.source_key'
  then
    -- of some tenants, or some keys, lineage has far fewer rows than the range
    if not (shape ->> 'byKey')::boolean
      and shape -> 'scopes' = 'null'
      and not shape ? 'inOrder'
    then
      v_shape := v_shape || '{"matched": "lineage.source_key between $3 and $4"}';
    end if;

    if not landfall.has_open(entity_id, from_key, to_key) then
      v_shape := v_shape || '{"nothingOpen": true}';
    end if;
  end if;

  if (shape ->> 'known')::boolean
    and shape ->> 'mark' is not null
    and not (shape ->> 'byKey')::boolean
    and not shape ? 'inOrder'
  then
    execute landfall.recognized_sql(v_shape, v_predicate)
    into v_recognized
    using run_id, entity_id, from_key, to_key;

    v_left := array(select jsonb_array_elements_text(v_recognized -> 'left'));
    v_recognized := v_recognized - 'left';

    if cardinality(v_left) = 0 then
      return landfall.add_counts(v_recognized, '{}');
    elsif cardinality(v_left) < (v_recognized ->> 'source')::int then
      v_shape := v_shape - 'matched';
      v_predicate := v_predicate || ' and row_.source_key = any ($5)';
    else
      -- of most rows, all are read as quickly
      v_recognized := '{}';
    end if;
  end if;

  execute landfall.insert_sql(v_shape, v_predicate, doubles => false, free => write_range.free)
  into v_counts
  using run_id, entity_id, from_key, to_key, v_left, null::text;

  perform landfall.check_inserted(write_range.shape, write_range.entity_id, v_counts);

  return landfall.add_counts(
    landfall.add_counts(v_recognized, v_counts),
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
$$Writes a range of rows in one go, those left that need not be computed; free expects that no place
is taken, and raises when one is.$$;

select landfall.close_doors();
