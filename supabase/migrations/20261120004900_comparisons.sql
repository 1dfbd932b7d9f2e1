/*
 * Chapter 49: comparisons. Every migrated row is held against what the transform gives now, column
 * by column, a range of source keys in one statement.
 *
 * Reads  shapes
 * Writes nothing: these functions return texts of SQL
 * Holds  no row is taken on trust: what is not compared is counted, with the reason
 */

create function landfall.shown(value text)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select case
    when char_length(shown.value) > 200
      then format('%s… (%s characters)', left(shown.value, 200), char_length(shown.value))
    else shown.value
  end
$$;

comment on function landfall.shown is
$$Shortens a value for a report.$$;


create function landfall.pairs_sql(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with columns as (
      select
        columns.item ->> 'name' as name,
        columns.nth,
        case when columns.item -> 'hashable' = 'true' then '%s.%I' else '%s.%I::text' end as form,
        -- the values of an entity with secrets are withheld
        case when pairs_sql.shape -> 'secretFields' = '[]' then 'landfall.shown(%s.%I::text)'
          else '''withheld''' end as shown
      from jsonb_array_elements(landfall.written_columns(pairs_sql.shape))
        with ordinality as columns (item, nth)
    )

    select format(
      $sql$case when (%1$s) is distinct from (%2$s) then jsonb_strip_nulls(jsonb_build_object()
        || %3$s
      ) end$sql$,
      string_agg(format(form, 'row_', name), ', ' order by nth),
      string_agg(format(form, 'stored_', name), ', ' order by nth),
      string_agg(
        format(
          'jsonb_build_object(%L, case when %s is distinct from %s'
          ' then jsonb_build_array(%s, %s) end)',
          name, format(form, 'row_', name), format(form, 'stored_', name),
          format(shown, 'row_', name), format(shown, 'stored_', name)
        ),
        E'\n      || ' order by nth
      )
    )
    from columns
  );
end
$$;

comment on function landfall.pairs_sql is
$$Writes the expression {column: [given, stored]} for the columns in which a row named row_ and a
target row named stored_ differ; null for rows that agree.$$;


create function landfall.sums_sql(shape jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select format(
    case count(*)
      when 0 then $empty$'{}'::jsonb$empty$
      else '(select jsonb_build_object(%s) from compared'
        ' where lf_mine and lf_known and not lf_known_kept)'
    end,
    string_agg(
      format(
        '%L, jsonb_build_array('
        'coalesce(sum(lf_given_%s), 0)::numeric, coalesce(sum(lf_stored_%2$s), 0)::numeric)',
        sums.name, sums.nth
      ),
      ', ' order by sums.nth
    )
  )
  from jsonb_array_elements_text(sums_sql.shape -> 'sums') with ordinality as sums (name, nth)
$$;

comment on function landfall.sums_sql is
$$Writes the expression {column: [sum given, sum stored]} for the columns an entity sums.$$;


create function landfall.found_sql(shape jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
  select 'unmigrated', '', lf_key, null, null, null
  from compared
  where $1 is null and not lf_known

  union all
  select 'lost', '', lf_key, lf_known_key, null, null
  from compared
  where lf_mine and lf_known and lf_there is null

  union all
  select 'value', pairs.name, lf_key, lf_known_key, pairs.pair ->> 0, pairs.pair ->> 1
  from compared
  cross join lateral jsonb_each(lf_pairs) as pairs (name, pair)
  where lf_mine and lf_pairs is not null%1$s

  union all
  select 'scope', '', lf_key, lf_known_key, lf_scope, lf_known_scope
  from compared
  where lf_mine and lf_known and lf_scope is distinct from lf_known_scope

  union all
  select 'twice', '', lf_key, max(lf_known_key), null, null
  from compared
  where lf_key is not null
  group by lf_key
  having count(*) > 1

  union all
  select 'vanished', '', gone.lf_known_source, gone.lf_known_key, null, null
  from (select compared.*, lf_known_scope as scope_key from compared) as gone
  where gone.lf_key is null and ($1 is null or gone.lf_known_run = $1)%2$s$sql$,
    case when (found_sql.shape ->> 'rewrites')::boolean
      then ' and lf_as_written is not true' end,
    landfall.scopes_sql(found_sql.shape, 'gone')
  )
$$;

comment on function landfall.found_sql is
$$Writes the query for all that is wrong in a range, a row for each key and column.$$;


create function landfall.compare_sql(shape jsonb)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      $sql$
  with compared as materialized (
    select
      row_.lf_key,
      row_.lf_scope,
      row_.lf_known_source,
      row_.lf_known_scope,
      row_.lf_known_key,
      row_.lf_known_run,
      row_.lf_known_kept,
      row_.lf_known_hash is not null as lf_known,
      row_.lf_key is not null and ($1 is null or row_.lf_known_run = $1) as lf_mine,
      stored_.lf_there,
      case when stored_.lf_there and not row_.lf_known_kept then %1$s end as lf_pairs,
      %2$s as lf_as_written%3$s
    from (%4$s) as row_
    left join lateral (
      select true as lf_there, stored_.*
      from %5$s as stored_
      where row_.lf_key is not null and %6$s
      -- one look into the index a row, as in the transform's rows
      offset 0
    ) as stored_ on true
  ),

  found (kind, name, source_key, target_key, given, stored) as (%7$s
  )

  select jsonb_build_object(
    'source', count(*) filter (where lf_mine),
    'migrated', count(*) filter (where lf_mine and lf_known),
    'kept', count(*) filter (where lf_mine and lf_known_kept),
    'rewritten', count(*) filter (where lf_mine and lf_pairs is not null and lf_as_written),
    'sums', %8$s,
    'differences', (
      select coalesce(jsonb_agg(to_jsonb(kinds)), '[]')
      from (
        select
          found.kind, found.name, count(*) as count,
          (array_agg(
            jsonb_build_object(
              'sourceKey', found.source_key, 'targetKey', found.target_key,
              'expected', found.given, 'actual', found.stored
            )
            order by found.source_key
          ))[1:$6] as sample
        from found
        group by found.kind, found.name
      ) as kinds
    )
  )
  from compared$sql$,
      landfall.pairs_sql(compare_sql.shape),
      case when (compare_sql.shape ->> 'rewrites')::boolean
        then format(
          '(row_.lf_known_hash = %s and coalesce(row_.lf_known_stored, row_.lf_known_hash) = %s)',
          landfall.row_hash(landfall.written_columns(compare_sql.shape), 'row_'),
          landfall.row_hash(compare_sql.shape -> 'stored', 'stored_')
        )
        else 'false'
      end,
      (
        select string_agg(
          format(', row_.%1$I as lf_given_%2$s, stored_.%1$I as lf_stored_%2$s', name, nth), ''
          order by nth
        )
        from jsonb_array_elements_text(compare_sql.shape -> 'sums')
          with ordinality as sums (name, nth)
      ),
      landfall.source_sql(
        compare_sql.shape || jsonb_build_object(
          'matched', format(range.condition, landfall.key_sql(compare_sql.shape, 'lineage'), '')
        ),
        format(range.condition, 'row_.source_key', compare_sql.shape ->> 'firstKey')
          || landfall.scopes_sql(compare_sql.shape)
      ),
      compare_sql.shape ->> 'target',
      landfall.same_target_sql(compare_sql.shape, 'stored_', 'row_.lf_known_key'),
      landfall.found_sql(compare_sql.shape),
      landfall.sums_sql(compare_sql.shape)
    )
    from (
      select '%1$s >= coalesce($3, %2$L) and %1$s is distinct from $3'
        ' and (%1$s <= $4 or $4 is null) and %1$s <> all ($5)' as condition
    ) as range
  );
end
$$;

comment on function landfall.compare_sql is
$$Writes the statement that compares a range of source keys with the target: $1 run or null, $2
entity, $3 and $4 the key before and the last one, $5 keys to leave out, $6 samples of a kind.

Where triggers of the target rewrite what they are given, a row that stands as it was written, and
of which the transform gives what it gave, is counted as rewritten and differs in nothing.$$;

select landfall.close_doors();
