/*
 * Chapter 32: verdicts. What this run's rows hold against each other is only known when all of them
 * have found their places: the reasons of an entity's rejects are completed before it is closed.
 *
 * Reads  the transforms, the targets, landfall.lineage
 * Writes landfall.rejects
 * Holds  reasons do not depend on batches and workers
 */

create function landfall.final_reasons_sql(shape jsonb)
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

  -- once a row, before the planner looks for a join
  reasoned as materialized (
    select
      row_.lf_key,
      row_.lf_scope,
      array_remove(array[
        %2$s
      ]::text[], null) as contests
    from judged as row_
  )

insert into landfall.rejects as known (run_id, entity_id, source_key, scope_key, reasons)
select $1, $2, reasoned.lf_key, reasoned.lf_scope, reasoned.contests
from reasoned
where reasoned.contests <> '{}'
on conflict (run_id, entity_id, source_key) do update
set reasons = case
  when known.contested then excluded.reasons
  else known.reasons || excluded.reasons
end$sql$,
    landfall.judged_sql(final_reasons_sql.shape, 'row_.source_key = any ($5)'),
    landfall.reasons_sql(landfall.row_checks(final_reasons_sql.shape, contests => true), '{}')
  );
end
$$;

comment on function landfall.final_reasons_sql is
$$Writes the statement that adds to rejects what this run's other rows hold against them.$$;


create function landfall.settle_reasons(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_keys text[] := array(
    select rejects.source_key
    from landfall.rejects
    where rejects.run_id = settle_reasons.run_id
      and rejects.entity_id = settle_reasons.entity_id
      -- a row that does not compute cannot be compared with others
      and rejects.details = '{}'
  );
begin
  if cardinality(v_keys) > 0 then
    execute landfall.final_reasons_sql(
      (
        select run_entities.shape
        from landfall.run_entities
        where run_entities.run_id = settle_reasons.run_id
          and run_entities.entity_id = settle_reasons.entity_id
      )
    )
    using settle_reasons.run_id, settle_reasons.entity_id, null::text, null::text, v_keys;
  end if;
end
$$;

comment on function landfall.settle_reasons is
$$Completes the reasons of an entity's rejects when all its rows have found their places, so that
they do not depend on batches and workers.$$;

select landfall.close_doors();
