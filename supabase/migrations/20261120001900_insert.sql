/*
 * Chapter 19: insert. One statement writes a whole range: the new rows with their lineage, the
 * deferred rows, and the counts.
 *
 * Reads  shapes
 * Writes nothing: these functions return the text that landfall.write_range executes
 * Holds  a target row and its lineage are written by the same statement
 */

create function landfall.aside_sql(shape jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select concat(
    case when (aside_sql.shape ->> 'defers')::boolean then format(
      $sql$,

  set_aside as (
    insert into landfall.deferred
      (entity_id, source_key, run_id, waiting_for, amounts, scope_key)
    select $2, judged.lf_key, $1, judged.lf_waiting, %s, judged.lf_scope
    from judged
    where judged.lf_waiting is not null
    on conflict (entity_id, source_key) do update
    set
      run_id = case when deferred.settled_by is null then deferred.run_id else excluded.run_id end,
      waiting_for = excluded.waiting_for,
      amounts = excluded.amounts,
      scope_key = excluded.scope_key,
      settled_by = null
    where deferred.settled_by is not null
      or (deferred.waiting_for, deferred.amounts, deferred.scope_key)
        is distinct from (excluded.waiting_for, excluded.amounts, excluded.scope_key)
  )$sql$,
        landfall.amounts_sql(aside_sql.shape, 'judged')
      )
    end,
    case when (aside_sql.shape ->> 'known')::boolean and not aside_sql.shape ? 'nothingOpen' then
      $sql$,

  released as (
    update landfall.deferred
    set settled_by = $1
    where deferred.entity_id = $2
      and deferred.settled_by is null
      and deferred.source_key = any (
        array(select judged.lf_key from judged where judged.lf_waiting is null)
      )
  ),

  settled as (
    update landfall.rejects
    set settled_by = $1
    where rejects.entity_id = $2
      and rejects.source_key = any (array(select judged.lf_key from judged))
      and rejects.settled_by is null
      and rejects.run_id <> $1
  )$sql$
    end
  )
$$;

comment on function landfall.aside_sql is
$$Writes the steps that keep deferred rows, and let go of what earlier runs deferred or
rejected, unless there is nothing open.$$;


create function landfall.blocked_sql(shape jsonb)
  returns text
  language sql
  immutable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$,

  blocked as (
    select row_.lf_key
    from judged as row_
    where row_.lf_new
      and (%1$s)

    union
    select row_.lf_key
    from blocked
    join judged as parent on parent.lf_key = blocked.lf_key
    join judged as row_ on row_.lf_new and (%2$s)
  )$sql$,
    string_agg(
      format(
        -- asked as a set, not row by row
        'not (%s or (%s) in (select %s from judged as parent where parent.lf_new))',
        checks.item ->> 'sql',
        (
          select string_agg(format('row_.%I', name), ', ' order by nth)
          from jsonb_array_elements_text(checks.item -> 'columns')
            with ordinality as columns (name, nth)
        ),
        (
          select string_agg(format('parent.%I', name), ', ' order by nth)
          from jsonb_array_elements_text(checks.item -> 'parentColumns')
            with ordinality as columns (name, nth)
        )
      ),
      ' or '
    ),
    string_agg(checks.item ->> 'match', ' or ')
  )
  from jsonb_array_elements(blocked_sql.shape -> 'checks') as checks (item)
  where (checks.item ->> 'self')::boolean
  having count(*) > 0
$$;

comment on function landfall.blocked_sql is
$$Writes the step "blocked" of a target that refers to itself: the rows whose parent is neither
there nor among the rows of the batch that can be written. Null for other targets.

Rows of a batch may refer to each other in any order, in a circle too: Postgres looks at its end.$$;


create function landfall.insert_sql(
  shape jsonb,
  predicate text,
  faults jsonb default '{}',
  doubles boolean default true,
  free boolean default false
)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  -- whether some rows may not be written, or not as they were given
  v_some constant boolean := not insert_sql.free or (insert_sql.shape ->> 'rewrites')::boolean;
begin
  return format(
    $sql$
with recursive%1$s%11$s,

  written as (
    insert into %2$s as stored_ (%3$s%12$s)
    overriding system value
    select %3$s%13$s
    from judged
    where lf_new%9$s%8$s
    %14$s
    returning %4$s
  ),

  -- a map: the planner cannot know how many rows a batch has, and might join them in a square
  stored as materialized (
    select %5$s as hashes
  ),

  traced as (
    insert into landfall.lineage
      (entity_id, run_id, given_hash, stored_hash, legacy_hash, source_key, target_key, scope_key)
    select
      $2, $1, judged.lf_hash, (stored.hashes ->> judged.lf_target_key)::bigint, judged.lf_legacy,
      judged.lf_key, judged.lf_target_key, judged.lf_scope
    from judged
    cross join stored
    where judged.lf_new%9$s%15$s
    returning source_key
  )%6$s

select jsonb_build_object(
  'source', count(*),
  'written', (select count(*) from written),
  'inserted', (select count(*) from traced),
  'deferred', count(*) filter (where lf_waiting is not null),
  'unchanged', count(*) filter (
    where lf_waiting is null and lf_passes and lf_known_hash = lf_hash
      and lf_known_scope is not distinct from lf_scope),
  'unsettled', coalesce(
    jsonb_agg(lf_key) filter (
      where lf_waiting is null
        and not lf_new
        and not (lf_passes and (lf_known_hash, lf_known_scope)
          is not distinct from (lf_hash, lf_scope))
    ),
    '[]'
  ) || case
    when count(*) filter (where lf_new) = (select count(*) from traced) then '[]'
    else (
      select jsonb_agg(refused.lf_key)
      from judged as refused
      where refused.lf_new
        and refused.lf_key not in (select traced.source_key from traced)
    )
  end,
  'findings', '{}'::jsonb%7$s%10$s
)
from judged$sql$,
    landfall.judged_sql(
      insert_sql.shape, insert_sql.predicate, insert_sql.faults, insert_sql.doubles
    ),
    insert_sql.shape ->> 'target',
    landfall.list_columns(landfall.written_columns(insert_sql.shape), '%1$I'),
    case when not v_some then '1' else format(
      '%s as target_key, %s as stored_hash',
      landfall.key_text(insert_sql.shape, 'stored_'),
      case when (insert_sql.shape ->> 'rewrites')::boolean
        then landfall.row_hash(insert_sql.shape -> 'stored', 'stored_') else 'null::bigint' end
    ) end,
    case when v_some then '(select jsonb_object_agg(target_key, stored_hash) from written)'
      else '''{}''::jsonb' end,
    concat(landfall.aside_sql(insert_sql.shape), landfall.renewed_sql(insert_sql.shape)),
    landfall.findings_sql(insert_sql.shape),
    case when (insert_sql.shape ->> 'inOrder')::boolean then E'\n    order by lf_key' end,
    case when landfall.blocked_sql(insert_sql.shape) is not null
      then E'\n      and judged.lf_key not in (select blocked.lf_key from blocked)' end,
    case when (insert_sql.shape ->> 'rewritesLater')::boolean
      then E',\n  ''keys'', (select coalesce(jsonb_agg(source_key), ''[]'') from traced)' end,
    landfall.blocked_sql(insert_sql.shape),
    (
      select string_agg(format(', %I', item ->> 'name'), '')
      from jsonb_array_elements(insert_sql.shape -> 'drawn') as item
    ),
    (
      select string_agg(', ' || (item ->> 'expression'), '')
      from jsonb_array_elements(insert_sql.shape -> 'drawn') as item
    ),
    case when not (insert_sql.shape ->> 'deferrable')::boolean and not insert_sql.free
      then 'on conflict do nothing' end,
    case when v_some then E'\n      and stored.hashes ? judged.lf_target_key' end
  );
end
$$;

comment on function landfall.insert_sql is
$$Writes the statement that inserts a range's new rows, with lineage, and counts the rest.

Rows it leaves are named in "unsettled": they fail a check, differ from what was written before, or
found their place taken. With "free" a place that is taken fails the whole statement: where there is
none, that costs a sixth less than to look first.$$;

select landfall.close_doors();
