/*
 * Chapter 21: reasons. What there is to say against a row: its own faults, and whose place it
 * wants.
 *
 * Reads  shapes
 * Writes nothing: these functions return texts of SQL
 * Holds  reasons carry no row values
 */

create function landfall.taken_checks(shape jsonb, by_this_run boolean)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
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
  );
end
$$;

comment on function landfall.taken_checks is
$$Lists what only the target can say of a row: its place is taken, or what was written is gone.

Apart for the places that this run itself has given away: those depend on the order of batches
until the entity is closed.$$;


create function landfall.row_checks(shape jsonb, contests boolean)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(checks.item order by checks.nth), '[]')
      || landfall.taken_checks(row_checks.shape, row_checks.contests)
    from jsonb_array_elements(row_checks.shape -> 'checks') with ordinality as checks (item, nth)
    where coalesce((checks.item ->> 'self')::boolean, false) = row_checks.contests
  );
end
$$;

comment on function landfall.row_checks is
$$Lists the checks of a row by themselves, or those that depend on this run's other rows.$$;


create function landfall.reasons_sql(checks jsonb, faults jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
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
            checks.item ->> 'keyColumn',
            coalesce(
              checks.item ->> 'said' || ' (it was rejected)',
              format('%s names a rejected row of %s',
                checks.item ->> 'keyColumn', checks.item ->> 'parent')
            ),
            checks.item ->> 'reason'
          )
          else format('%L', checks.item ->> 'reason')
        end
      ),
      E',\n        ' order by checks.nth
    )
    from jsonb_array_elements(reasons_sql.checks) with ordinality as checks (item, nth)
  );
end
$$;

comment on function landfall.reasons_sql is
$$Writes a list of reasons, one for each check, null where a row named row_ passes.$$;

select landfall.close_doors();
