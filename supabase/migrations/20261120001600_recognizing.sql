/*
 * Chapter 16: recognizing. A row whose legacy row is as it was need not be computed again, where
 * the author says that it follows from that alone.
 *
 * Reads  the transforms, landfall.lineage, rejects, deferred, flagged
 * Writes nothing
 * Holds  a row that is recognized passes its rules, waits for nothing, and has no open reject
 */

create function landfall.legacy_sql(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case
    when legacy_sql.shape ->> 'mark' is null then 'null::bigint'
    else format(
      -- as text: see landfall.row_hash
      'pg_catalog.hashtextextended(row_.source_row::text, %L::bigint)', legacy_sql.shape ->> 'mark'
    )
  end;
end
$$;

comment on function landfall.legacy_sql is
$$Writes the expression for a legacy row's hash, null where its entity is not self-contained.$$;


create function landfall.recognized_sql(shape jsonb, predicate text)
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
select jsonb_build_object(
  'source', count(*) filter (where lf_recognized),
  'unchanged', count(*) filter (where lf_recognized),
  'left', coalesce(jsonb_agg(lf_key) filter (where not lf_recognized), '[]'),
  'findings', '{}'::jsonb%1$s
)
from (
  select
    row_.lf_key,
    row_.lf_recognized%2$s
  from (
    select
      row_.*,
      row_.lf_same%3$s as lf_recognized
    from (
      select
        row_.lf_key,
        row_.lf_same%4$s
      from (
        select
          row_.*,
          row_.source_key collate "default" as lf_key,
          coalesce(known.lf_known_legacy = %5$s, false)
            and known.lf_known_scope is not distinct from %6$s as lf_same
        from %7$s
        -- what many columns need is computed once: offset keeps the steps apart
        offset 0
      ) as row_
      -- what only lineage has is nothing to recognize
      where row_.source_key is not null
      offset 0
    ) as row_
    offset 0
  ) as row_
) as judged$sql$,
      landfall.findings_sql(recognized_sql.shape),
      string_agg(
        format(
          E',\n    case when row_.lf_recognized then row_.%1$I end as %1$I', rules.item ->> 'column'
        ),
        '' order by rules.nth
      ) filter (where rules.item ->> 'condition' is not null),
      concat(
        string_agg(
          case
            when rules.item ->> 'condition' is not null
              then format(E'\n        and row_.%I is not false', rules.item ->> 'column')
            else format(
              E'\n        and row_.lf_key not in (select source_key from landfall.flagged'
              ' where run_id = $1 and entity_id = $2 and rule = %L)',
              rules.item ->> 'name'
            )
          end,
          '' order by rules.nth
        ) filter (where rules.item ->> 'action' <> 'finding'),
        case when not recognized_sql.shape ? 'nothingOpen' then (
          select string_agg(
            format(
              E'\n        and row_.lf_key not in (select open.source_key from landfall.%s as open'
              ' where open.entity_id = $2 and %s between $3 and $4 and open.settled_by is null)',
              open.rows, landfall.key_sql(recognized_sql.shape, 'open')
            ),
            ''
          )
          from unnest(array['rejects', 'deferred']) as open (rows)
        ) end
      ),
      string_agg(
        format(
          E',\n        case when row_.lf_same then (%s) end as %I',
          rules.item ->> 'condition', rules.item ->> 'column'
        ),
        '' order by rules.nth
      ) filter (where rules.item ->> 'condition' is not null),
      landfall.legacy_sql(recognized_sql.shape),
      case when (recognized_sql.shape ->> 'scoped')::boolean
        then 'row_.scope_key' else 'null::text' end,
      landfall.matched_sql(recognized_sql.shape, recognized_sql.predicate)
    )
    from (select) as once
    left join jsonb_array_elements(recognized_sql.shape -> 'rules')
      with ordinality as rules (item, nth) on true
  );
end
$$;

comment on function landfall.recognized_sql is
$$Writes the statement that counts a range's rows whose legacy row is as it was, and names those
that are "left". Rules are asked of each all the same: they may look elsewhere.$$;


create function landfall.recognize_rows(
  run_id bigint,
  entity_id int,
  shape jsonb,
  predicate text,
  from_key text,
  to_key text
)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_counts  jsonb;
  v_context text;
begin
  if not (shape ->> 'known')::boolean
    or shape ->> 'mark' is null
    or (shape ->> 'byKey')::boolean
    or shape ? 'inOrder'
  then
    return null;
  end if;

  execute landfall.recognized_sql(
    landfall.range_shape(entity_id, shape, from_key, to_key), recognize_rows.predicate
  )
  into v_counts
  using run_id, entity_id, from_key, to_key;

  -- of most rows, all are read as quickly
  return case
    when jsonb_array_length(v_counts -> 'left') <= (v_counts ->> 'source')::int then v_counts
  end;
exception when others then
  get stacked diagnostics v_context = pg_exception_context;

  if not landfall.is_data_error(sqlstate, v_context) then
    raise;
  end if;

  return null;
end
$$;

comment on function landfall.recognize_rows is
$$Counts a range's rows that need not be computed, and names those "left"; null where all are to be:
most are left, or what a rule looks at cannot be computed for some.$$;


create function landfall.renewed_sql(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case
    when (renewed_sql.shape ->> 'known')::boolean and renewed_sql.shape ->> 'mark' is not null
    then $sql$,

  renewed as (
    update landfall.lineage
    set legacy_hash = judged.lf_legacy
    from judged
    where lineage.entity_id = $2
      and lineage.source_key = judged.lf_key
      and judged.lf_passes
      and judged.lf_waiting is null
      and (judged.lf_known_hash, judged.lf_known_scope)
        is not distinct from (judged.lf_hash, judged.lf_scope)
      and judged.lf_known_legacy is distinct from judged.lf_legacy
  )$sql$
  end;
end
$$;

comment on function landfall.renewed_sql is
$$Writes the step that renews the hash of a legacy row which gives the same as before although it,
or its view, has changed: the next run recognizes it.$$;

select landfall.close_doors();
