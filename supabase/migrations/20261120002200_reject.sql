/*
 * Chapter 22: reject. A row that cannot be written is kept with every reason there is.
 *
 * Reads  shapes
 * Writes nothing: these functions return the text that landfall.write_batch executes
 * Holds  reasons carry no row values; a reject carries the legacy row, less its secret fields
 */

create function landfall.kept_row(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case jsonb_array_length(kept_row.shape -> 'secretFields')
    when 0 then 'row_.source_row'
    -- what has no fields cannot be told apart from its secrets: it is not kept
    else format(
      'case jsonb_typeof(row_.source_row) when ''object'' then row_.source_row - %L::text[] end',
      array(select jsonb_array_elements_text(kept_row.shape -> 'secretFields'))
    )
  end;
end
$$;

comment on function landfall.kept_row is
$$Writes the expression for the legacy row as a reject keeps it: without its secret fields.$$;


create function landfall.reject_sql(shape jsonb, faults jsonb default '{}')
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return format(
    $sql$
with%1$s,

  reasoned as (
    select
      row_.lf_key,
      row_.lf_scope,
      row_.lf_target_key,
      row_.lf_known_hash,
      array_remove(array[
        %2$s
      ]::text[], null) as reasons,
      array_remove(array[
        %6$s
      ]::text[], null) as contests,
      $7 -> row_.lf_key as fault
    from judged as row_
  )

insert into landfall.rejects
  (run_id, entity_id, source_key, scope_key, target_key, reasons, details, source_row, contested)
select
  $1, $2, reasoned.lf_key, reasoned.lf_scope, reasoned.lf_target_key,
  coalesce(
    nullif(
      array(select jsonb_array_elements_text(reasoned.fault -> 'reasons')) || reasoned.reasons,
      '{}'
    ),
    nullif(reasoned.contests, '{}'),
    nullif(array(select jsonb_array_elements_text(reasoned.fault -> 'otherwise')), '{}'),
    array[
      case when reasoned.lf_known_hash is null then %3$L else %7$L end
    ]
  ),
  case
    when reasoned.fault ? 'otherwise' and reasoned.reasons || reasoned.contests <> '{}' then '{}'
    else array(select jsonb_array_elements_text(reasoned.fault -> 'details'))
  end,
  (
    select %4$s
    from %5$s as row_
    where row_.source_key = reasoned.lf_key
  ),
  not coalesce(reasoned.fault ? 'reasons', false)
    and reasoned.lf_known_hash is null
    and reasoned.reasons = '{}'
    -- a row that nothing speaks against any more may find its place
    and (reasoned.contests <> '{}' or not coalesce(reasoned.fault ? 'otherwise', false))
from reasoned
on conflict (run_id, entity_id, source_key) do update
set
  scope_key = excluded.scope_key,
  target_key = excluded.target_key,
  reasons = excluded.reasons,
  details = excluded.details,
  source_row = excluded.source_row,
  contested = excluded.contested,
  settled_by = null$sql$,
    landfall.judged_sql(reject_sql.shape, 'row_.source_key = any ($5)', reject_sql.faults),
    landfall.reasons_sql(
      landfall.row_checks(reject_sql.shape, contests => false), reject_sql.faults
    ),
    format('a trigger or unique index of %s refuses it', reject_sql.shape ->> 'target'),
    landfall.kept_row(reject_sql.shape),
    reject_sql.shape ->> 'transform',
    landfall.reasons_sql(
      landfall.row_checks(reject_sql.shape, contests => true), reject_sql.faults
    ),
    format('its row in %s has changed since it was written', reject_sql.shape ->> 'target')
  );
end
$$;

comment on function landfall.reject_sql is
$$Writes the statement that rejects the given keys with every reason there is.$$;


create function landfall.reject_dead(
  run_id bigint,
  entity_id int,
  shape jsonb,
  keys text[],
  faults jsonb
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_key     text;
  v_scope   text;
  v_row     jsonb;
  v_context text;
begin
  foreach v_key in array reject_dead.keys loop
    v_scope := null;

    begin
      if (reject_dead.shape ->> 'scoped')::boolean then
        execute format(
          'select row_.scope_key from %s as row_ where row_.source_key = $1',
          reject_dead.shape ->> 'transform'   -- a relation, quoted by Postgres
        )
        into v_scope
        using v_key;
      end if;

      execute format(
        'select %s from %s as row_ where row_.source_key = $1',
        landfall.kept_row(reject_dead.shape),
        reject_dead.shape ->> 'transform'   -- as above
      )
      into v_row
      using v_key;
    exception when others then
      get stacked diagnostics v_context = pg_exception_context;

      if not landfall.is_data_error(sqlstate, v_context) then
        raise;
      end if;

      -- the legacy row itself is no JSON: its reasons say so
      v_row := null;
    end;

    insert into landfall.rejects
      (run_id, entity_id, source_key, scope_key, reasons, details, source_row)
    values (
      reject_dead.run_id,
      reject_dead.entity_id,
      v_key,
      v_scope,
      array(select jsonb_array_elements_text(reject_dead.faults -> v_key -> 'reasons')),
      array(select jsonb_array_elements_text(reject_dead.faults -> v_key -> 'details')),
      v_row
    );
  end loop;
end
$$;

comment on function landfall.reject_dead is
$$Rejects rows of which hardly more than the key can be computed, with the faults given by key.$$;

select landfall.close_doors();
