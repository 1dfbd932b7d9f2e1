/*
 * Chapter 15: reject. A row that cannot be written is kept with every reason there is.
 *
 * Reads  shapes
 * Writes nothing: these functions return the text that landfall.write_batch executes
 * Holds  reasons carry no row values; a reject carries the legacy row, less its secret fields
 */

create function landfall.taken_checks(shape jsonb, by_this_run boolean)
  returns jsonb
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  with words as (
    select
      taken_checks.shape ->> 'target' as target,
      landfall.list_columns(
        taken_checks.shape -> 'key', 'taken.%1$I = row_.%1$I', ' and '
      ) as same_key,
      'exists (select from landfall.lineage where lineage.entity_id = $2'
      ' and lineage.target_key = %s and lineage.run_id %s $1)' as traced,
      case when by_this_run then '=' else '<>' end as which
  ),

  checks (rank, sql, reason) as (
    select
      1,
      format(
        'row_.lf_known_hash is not null or not %s',
        format(traced, 'row_.lf_target_key', which)
      ),
      format('another source row has become this row of %s', target)
    from words

    union all
    select
      2,
      format(
        'row_.lf_known_hash is not null or %s or %s'
        ' or not exists (select from %s as taken where %s)',
        format(traced, 'row_.lf_target_key', '='), format(traced, 'row_.lf_target_key', '<>'),
        target, same_key
      ),
      format('%s has this row already, and Landfall did not write it', target)
    from words
    where not by_this_run

    union all
    select
      3,
      format(
        'row_.lf_known_hash is null or exists (select from %s as taken where %s)',
        target, landfall.same_target_sql(taken_checks.shape, 'taken', 'row_.lf_known_key')
      ),
      format('its row in %s is gone: deleted since it was written', target)
    from words
    where not by_this_run

    union all
    select
      3 + keys.nth::int,
      format(
        'not exists (select from %s where %s and not (%s) and %s%s)',
        keys.item ->> 'relation', keys.item ->> 'match', same_key,
        case when not by_this_run then 'not ' end,
        format(traced, landfall.key_text(taken_checks.shape, 'taken'), '=')
      ),
      keys.item ->> 'reason'
    from words
    cross join jsonb_array_elements(taken_checks.shape -> 'uniques')
      with ordinality as keys (item, nth)
    where not (keys.item ->> 'primary')::boolean
  )

  select jsonb_agg(
    jsonb_build_object('kind', 'unique', 'sql', checks.sql, 'reason', checks.reason)
    order by checks.rank
  )
  from checks
$$;

comment on function landfall.taken_checks is
$$Lists what only the target can say of a row: its place is taken, or what was written is gone.

Apart for the places that this run itself has given away: those depend on the order of batches
until the entity is closed.$$;


create function landfall.row_checks(shape jsonb, contests boolean)
  returns jsonb
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select coalesce(jsonb_agg(checks.item order by checks.nth), '[]')
    || landfall.taken_checks(row_checks.shape, row_checks.contests)
  from jsonb_array_elements(row_checks.shape -> 'checks') with ordinality as checks (item, nth)
  where coalesce((checks.item ->> 'self')::boolean, false) = row_checks.contests
$$;

comment on function landfall.row_checks is
$$Lists the checks of a row by themselves, or those that depend on this run's other rows.$$;


create function landfall.kept_row(shape jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select case jsonb_array_length(kept_row.shape -> 'secretFields')
    when 0 then 'row_.source_row'
    -- what has no fields cannot be told apart from its secrets: it is not kept
    else format(
      'case jsonb_typeof(row_.source_row) when ''object'' then row_.source_row - %L::text[] end',
      array(select jsonb_array_elements_text(kept_row.shape -> 'secretFields'))
    )
  end
$$;

comment on function landfall.kept_row is
$$Writes the expression for the legacy row as a reject keeps it: without its secret fields.$$;


create function landfall.reasons_sql(checks jsonb, faults jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select string_agg(
    format(
      'case when (%s) is false%s then %s end',
      checks.item ->> 'sql',
      -- a column that could not be computed is not missing
      case when checks.item ->> 'kind' = 'not null'
          and reasons_sql.faults ? (checks.item -> 'columns' ->> 0)
        then format(
          ' and row_.lf_key <> all (%L::text[])',
          array(select jsonb_array_elements_text(
            reasons_sql.faults -> (checks.item -> 'columns' ->> 0)))
        )
      end,
      case when checks.item ->> 'rejectedParent' is not null
        then format(
          'case when exists (select from landfall.rejects as parents where parents.run_id = $1'
          ' and parents.entity_id = %s and parents.target_key = row_.%I::text)'
          ' then %L else %L end',
          checks.item ->> 'rejectedParent',
          checks.item -> 'columns' ->> 0,
          format('%s names a rejected row of %s',
            checks.item -> 'columns' ->> 0, checks.item ->> 'parent'),
          checks.item ->> 'reason'
        )
        else format('%L', checks.item ->> 'reason')
      end
    ),
    E',\n        ' order by checks.nth
  )
  from jsonb_array_elements(reasons_sql.checks) with ordinality as checks (item, nth)
$$;

comment on function landfall.reasons_sql is
$$Writes a list of reasons, one for each check, null where a row named row_ passes.$$;


create function landfall.reject_sql(shape jsonb, faults jsonb default '{}')
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with%1$s,

  reasoned as (
    select
      row_.lf_key,
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
  (run_id, entity_id, source_key, target_key, reasons, details, source_row, contested)
select
  $1, $2, reasoned.lf_key, reasoned.lf_target_key,
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
    and reasoned.contests <> '{}'
from reasoned
on conflict (run_id, entity_id, source_key) do update
set
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
  )
$$;

comment on function landfall.reject_sql is
$$Writes the statement that rejects the given keys with every reason there is.$$;


create function landfall.reject_dead_sql(shape jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
      insert into landfall.rejects (run_id, entity_id, source_key, reasons, details, source_row)
      select
        $1, $2, row_.source_key,
        array(select jsonb_array_elements_text($4 -> row_.source_key -> 'reasons')),
        array(select jsonb_array_elements_text($4 -> row_.source_key -> 'details')),
        %1$s
      from %2$s as row_
      where row_.source_key = any ($3)
    $sql$,
    landfall.kept_row(reject_dead_sql.shape),
    reject_dead_sql.shape ->> 'transform'
  )
$$;

comment on function landfall.reject_dead_sql is
$$Writes the statement that rejects rows of which nothing but the key can be computed.

Its parameters are the run, the entity, the keys, and the reasons of each.$$;

select landfall.close_doors();
