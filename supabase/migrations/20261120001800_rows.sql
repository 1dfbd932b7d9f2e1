/*
 * Chapter 18: rows. What every statement begins with: the transform's rows in the target's types,
 * each with its hash and whether it passes every check.
 *
 * Reads  shapes
 * Writes nothing
 * Holds  all statements have the same parameters: $1 run, $2 entity, $3 and $4 first and last key,
 *        $5 keys, $6 what to do with a target row that is there and not ours, $7 the faults of rows
 */

create function landfall.source_sql(shape jsonb, predicate text, faults jsonb default '{}')
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_given    text[] := array(
    select columns ->> 'name' from jsonb_array_elements(source_sql.shape -> 'columns') as columns
  );
  v_columns  text;
  v_rules    text;
  v_waiting  text;
begin
  select string_agg(
    format('%s::%s as %I', value.sql, columns.item ->> 'type', columns.item ->> 'name'),
    E',\n        ' order by columns.nth
  )
  into v_columns
  from jsonb_array_elements(landfall.written_columns(source_sql.shape))
    with ordinality as columns (item, nth)
  cross join lateral (
    select
      coalesce((key.item ->> 'nth')::int - 1, 0) as place,
      key.item is not null as is_key
    from (select) as once
    left join jsonb_array_elements(source_sql.shape -> 'key') as key (item)
      on key.item ->> 'name' = columns.item ->> 'name'
  ) as role
  cross join lateral (
    select landfall.spare_faults(
      source_sql.faults,
      columns.item ->> 'name',
      case when columns.item ->> 'name' = any (v_given)
        then format('row_.%I', columns.item ->> 'name') end
    ) as sql
  ) as given
  cross join lateral (
    select case
      when role.is_key and columns.item ->> 'expression' is not null then format(
        'coalesce(%s, %s)',
        concat_ws(', ', given.sql, format(
          case jsonb_array_length(source_sql.shape -> 'key')
            when 1 then 'known.lf_known_key::%1$s'
            else '(known.lf_known_key::jsonb ->> %2$s)::%1$s'
          end,
          columns.item ->> 'type', role.place
        )),
        columns.item ->> 'expression'
      )
      else given.sql
    end as sql
  ) as value;

  select
    string_agg(format(E',\n        (%s) as %I', condition.sql, rules ->> 'column'), ''),
    string_agg(
      format('case when (%s) is false then %L end', condition.sql, rules ->> 'reason'), ', '
    ) filter (where rules ->> 'action' = 'defer')
  into v_rules, v_waiting
  from jsonb_array_elements(source_sql.shape -> 'rules') as rules
  cross join lateral (
    select landfall.spare_faults(
      source_sql.faults, rules ->> 'column', rules ->> 'condition'
    ) as sql
  ) as condition
  where rules ->> 'condition' is not null;

  return format(
    $sql$
      select
        -- a key of another collation could not be compared with those of lineage
        row_.source_key collate "default" as lf_key,
        %5$s as lf_scope,
        %6$s as lf_legacy,
        coalesce(%1$s) as lf_waiting,
        known.*,
        %2$s%3$s
      from %4$s
      -- each column once: offset keeps the step apart
      offset 0$sql$,
    concat_ws(
      ', ', case when (source_sql.shape ->> 'waits')::boolean then 'row_.waiting_for' end,
      v_waiting, 'null::text'
    ),
    v_columns,
    v_rules,
    landfall.matched_sql(source_sql.shape, source_sql.predicate),
    case when (source_sql.shape ->> 'scoped')::boolean then 'row_.scope_key' else 'null::text' end,
    landfall.legacy_sql(source_sql.shape)
  );
end
$$;

comment on function landfall.source_sql is
$$Writes the query for the transform's rows in the target's types, with what lineage knows of each.

faults names the keys whose value in a column cannot be computed: it is null there.$$;


create function landfall.row_sql(shape jsonb, rows text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with needed as (
      select computed.item
      from jsonb_array_elements(row_sql.shape -> 'computed') as computed (item)
      where exists (
        select
        from jsonb_array_elements(row_sql.shape -> 'checks' || (row_sql.shape -> 'uniques'))
          as checks (item)
        where checks.item -> 'columns' ? (computed.item ->> 'name')
      )
    )

    select case count(*)
      when 0 then format('%s as row_', row_sql.rows)
      else format(
        '(select given_.*%s from (select rows_.*%s from %s as rows_) as given_) as row_',
        string_agg(format(', (%s) as %I', item ->> 'expression', item ->> 'name'), '')
          filter (where (item ->> 'generated')::boolean),
        string_agg(
          format(
            ', (%s)::%s as %I',
            case
              when item ->> 'expression' like '%nextval(%' then 'null'
              else coalesce(item ->> 'expression', 'null')
            end,
            item ->> 'type', item ->> 'name'
          ), ''
        ) filter (where not (item ->> 'generated')::boolean),
        row_sql.rows
      )
    end
    from needed
  );
end
$$;

comment on function landfall.row_sql is
$$Writes the rows the checks look at, named row_: the given ones, with what the target itself
would fill in.$$;


create function landfall.judged_sql(
  shape jsonb,
  predicate text,
  faults jsonb default '{}',
  doubles boolean default true
)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      $sql$%7$s
    judged as materialized (
      select
        passed.*,
        %1$s as lf_first,
        passed.lf_passes and passed.lf_waiting is null and passed.lf_known_hash is null
          and %1$s as lf_new
      from (
        select
          row_.*,
          %2$s as lf_hash,
          %3$s as lf_target_key,
          (%4$s) as lf_passes
        from %5$s
        offset 0
      ) as passed%6$s
    )$sql$,
      case when judged_sql.doubles then 'row_number() over same_key = 1' else 'true' end,
      landfall.row_hash(landfall.written_columns(judged_sql.shape), 'row_'),
      landfall.key_text(judged_sql.shape, 'row_'),
      coalesce(
        (
          select string_agg(
            format(
              '((%s) is not false)', coalesce(checks.item ->> 'setSql', checks.item ->> 'sql')
            ),
            E'\n          and ' order by checks.nth
          )
          from jsonb_array_elements(judged_sql.shape -> 'checks')
            with ordinality as checks (item, nth)
          -- a row of the same table is looked for where the batch is written
          where not coalesce((checks.item ->> 'self')::boolean, false)
        ),
        'true'
      )
      || case
        when judged_sql.faults = '{}' then ''
        else format(
          ' and row_.lf_key <> all (%L::text[])',
          array(
            select distinct keys.source_key
            from jsonb_each(judged_sql.faults) as faults (name, keys)
            cross join jsonb_array_elements_text(faults.keys) as keys (source_key)
          )
        )
      end,
      case when asked.as_set then 'given as row_' else given.rows end,
      case when judged_sql.doubles then format(
        E'\n    window same_key as (partition by passed.lf_passes, %s order by passed.lf_key)',
        landfall.list_columns(judged_sql.shape -> 'key', 'passed.%1$I')
      ) end,
      case when asked.as_set then format(
        E'\n  given as materialized (\n    select row_.*\n    from %s\n  ),\n', given.rows
      ) end
    )
    from (
      select landfall.row_sql(
        judged_sql.shape,
        format(
          -- what only lineage has is nothing to write
          '(select * from (%s) as source_ where source_.lf_key is not null)',
          landfall.source_sql(judged_sql.shape, judged_sql.predicate, judged_sql.faults)
        )
      ) as rows
    ) as given
    cross join (
      select judged_sql.shape @? '$.checks[*] ? (@.setSql != null)' as as_set
    ) as asked
  );
end
$$;

comment on function landfall.judged_sql is
$$Writes the step "judged": each source row with its hash and whether it passes every check.

doubles asks for source rows that name the same target row, of which the first passes. Looking
for them costs a sort: a batch is first tried without, since lineage refuses them too.$$;

select landfall.close_doors();
