/*
 * Chapter 13: insert. One statement writes a whole range: the new rows with their lineage, the
 * deferred rows, and the counts.
 *
 * Reads  shapes
 * Writes nothing: these functions return the text that landfall.write_batch executes
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
    case when (aside_sql.shape ->> 'defers')::boolean then
      $sql$,

  set_aside as (
    insert into landfall.deferred (entity_id, source_key, run_id, waiting_for)
    select $2, judged.lf_key, $1, judged.lf_waiting
    from judged
    where judged.lf_waiting is not null
    on conflict (entity_id, source_key) do update
    set run_id = excluded.run_id, waiting_for = excluded.waiting_for
  )$sql$
    end,
    case when (aside_sql.shape ->> 'known')::boolean then
      $sql$,

  released as (
    delete from landfall.deferred
    using judged
    where deferred.entity_id = $2
      and deferred.source_key = judged.lf_key
      and judged.lf_waiting is null
  ),

  settled as (
    update landfall.rejects
    set settled_by = $1
    from judged
    where rejects.entity_id = $2
      and rejects.source_key = judged.lf_key
      and rejects.settled_by is null
      and rejects.run_id <> $1
  )$sql$
    end
  )
$$;

comment on function landfall.aside_sql is
$$Writes the steps that keep deferred rows, and let go of what earlier runs deferred or
rejected.$$;


create function landfall.insert_sql(
  shape jsonb,
  predicate text,
  faults jsonb default '{}',
  doubles boolean default true
)
  returns text
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select format(
    $sql$
with%1$s,

  written as (
    insert into %2$s as stored_ (%3$s)
    overriding system value
    select %3$s
    from judged
    where lf_new%9$s
    on conflict do nothing
    returning %4$s%5$s
  ),

  traced as (
    insert into landfall.lineage
      (entity_id, run_id, given_hash, stored_hash, source_key, target_key)
    select $2, $1, judged.lf_hash, %6$s, judged.lf_key, judged.lf_target_key
    from judged
    join written using (%4$s)
    where judged.lf_new
    returning source_key
  )%7$s

select jsonb_build_object(
  'source', count(*),
  'inserted', (select count(*) from traced),
  'deferred', count(*) filter (where lf_waiting is not null),
  'unchanged', count(*) filter (where lf_passes and lf_known_hash = lf_hash),
  'unsettled', coalesce(
    jsonb_agg(lf_key) filter (
      where lf_waiting is null
        and not lf_new
        and not (lf_passes and lf_known_hash is not distinct from lf_hash)
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
  'findings', jsonb_build_object(%8$s)
)
from judged$sql$,
    landfall.judged_sql(
      insert_sql.shape, insert_sql.predicate, insert_sql.faults, insert_sql.doubles
    ),
    insert_sql.shape ->> 'target',
    landfall.list_columns(landfall.written_columns(insert_sql.shape), '%1$I'),
    landfall.list_columns(insert_sql.shape -> 'key', '%1$I'),
    case when (insert_sql.shape ->> 'rewrites')::boolean then
      ', ' || landfall.row_hash(insert_sql.shape -> 'stored', 'stored_') || ' as stored_hash'
    end,
    case when (insert_sql.shape ->> 'rewrites')::boolean
      then 'written.stored_hash' else 'null' end,
    landfall.aside_sql(insert_sql.shape),
    (
      select string_agg(
        format(
          $part$%1$L, jsonb_build_object(
    'count', count(*) filter (where %2$I is false),
    'sample', coalesce(
      to_jsonb((array_agg(lf_key)
        filter (where %2$I is false))[1:5]), '[]'))$part$,
          rules ->> 'name', rules ->> 'column'
        ), ', '
      )
      from jsonb_array_elements(insert_sql.shape -> 'rules') as rules
      where rules ->> 'action' = 'finding' and rules ->> 'condition' is not null
    ),
    case when (insert_sql.shape ->> 'inOrder')::boolean then E'\n    order by lf_key' end
  )
$$;

comment on function landfall.insert_sql is
$$Writes the statement that inserts a range's new rows, with lineage, and counts the rest.

Rows it leaves are named in "unsettled": they fail a check, differ from what was written
before, or found their place taken.$$;

select landfall.close_doors();
