/*
 * Chapter 20: update. A row that was written before, or that was there before, is changed only
 * when its result differs, and only after its before image is kept.
 *
 * Reads  shapes
 * Writes nothing: these functions return the text that landfall.write_batch executes
 * Holds  no target row changes without a row in landfall.changes
 */

create function landfall.image_sql(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return format(
    'jsonb_object(array[%s], array[%s])',
    (
      select string_agg(quote_literal(columns.item ->> 'name'), ', ' order by columns.nth)
      from jsonb_array_elements(image_sql.shape -> 'stored')
        with ordinality as columns (item, nth)
    ),
    landfall.list_columns(image_sql.shape -> 'stored', 'stored_.%1$I::text')
  );
end
$$;

comment on function landfall.image_sql is
$$Writes the expression for the before image of a target row named stored_.$$;


create function landfall.rehash_sql(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return format(
    $sql$
      update landfall.lineage
      set stored_hash = %1$s
      from %2$s as stored_
      where lineage.entity_id = $1
        and lineage.source_key = any ($2)
        and %3$s
    $sql$,
    landfall.row_hash(rehash_sql.shape -> 'stored', 'stored_'),
    rehash_sql.shape ->> 'target',
    landfall.same_target_sql(rehash_sql.shape, 'stored_', 'lineage.target_key')
  );
end
$$;

comment on function landfall.rehash_sql is
$$Writes the statement that hashes target rows once more, after their triggers have fired.$$;


create function landfall.update_sql(shape jsonb, faults jsonb default '{}')
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

  present as (
    select
      judged.*,
      %2$s as lf_before,
      coalesce(judged.lf_known_stored, judged.lf_known_hash) is distinct from %3$s
        and coalesce(judged.lf_known_stored, judged.lf_known_hash) is distinct from %4$s
        as lf_foreign
    from judged
    join %5$s as stored_ on %6$s
    where judged.lf_passes
      and judged.lf_waiting is null
      and judged.lf_first
      and (judged.lf_known_hash, judged.lf_known_scope)
        is distinct from (judged.lf_hash, judged.lf_scope)
      and (
        judged.lf_known_hash is not null
        or not exists (
          select
          from landfall.lineage
          where lineage.entity_id = $2 and lineage.target_key = judged.lf_target_key
        )
      )
    for update of stored_
  ),

  updated as (
    update %5$s as stored_
    set %7$s
    from present as judged
    where %6$s
      and (not judged.lf_foreign or $6 = 'update')
    returning %8$s as target_key, %9$s as stored_hash
  ),

  -- a map, as in the insert
  stored as materialized (
    select coalesce(jsonb_object_agg(target_key, stored_hash), '{}') as hashes
    from updated
  ),

  remembered as (
    insert into landfall.changes (
      run_id, entity_id, source_key, target_key, before_image,
      before_run_id, before_given_hash, before_stored_hash, before_legacy_hash, before_kept,
      before_scope_key, scope_key
    )
    select
      $1, $2, present.lf_key, present.lf_target_key, present.lf_before,
      lineage.run_id, present.lf_known_hash, present.lf_known_stored,
      present.lf_known_legacy, coalesce(lineage.kept, false), lineage.scope_key, present.lf_scope
    from present
    cross join stored
    left join landfall.lineage
      on lineage.entity_id = $2 and lineage.source_key = present.lf_key
    where stored.hashes ? present.lf_target_key
    on conflict (run_id, entity_id, source_key) do nothing
  ),

  traced as (
    insert into landfall.lineage
      (entity_id, run_id, given_hash, stored_hash, legacy_hash, adopted, kept, source_key,
        target_key, scope_key)
    select
      $2, $1, present.lf_hash, (stored.hashes ->> present.lf_target_key)::bigint,
      present.lf_legacy, true, not stored.hashes ? present.lf_target_key,
      present.lf_key, present.lf_target_key, present.lf_scope
    from present
    cross join stored
    where stored.hashes ? present.lf_target_key
      or (present.lf_known_hash is null and $6 = 'keep')
    on conflict (entity_id, source_key) do update
    set
      run_id = excluded.run_id,
      given_hash = excluded.given_hash,
      stored_hash = excluded.stored_hash,
      legacy_hash = excluded.legacy_hash,
      kept = excluded.kept,
      scope_key = excluded.scope_key
    returning source_key
  )

select jsonb_build_object(
  'updated', (select count(*) from updated),
  'kept', count(*) filter (where present.lf_foreign and $6 = 'keep'),
  'handled', coalesce(
    jsonb_agg(present.lf_key) filter (
      where stored.hashes ? present.lf_target_key or (present.lf_foreign and $6 = 'keep')
    ),
    '[]'
  )
)
from present
cross join stored$sql$,
    landfall.judged_sql(update_sql.shape, 'row_.source_key = any ($5)', update_sql.faults),
    landfall.image_sql(update_sql.shape),
    landfall.row_hash(landfall.written_columns(update_sql.shape), 'stored_'),
    landfall.row_hash(update_sql.shape -> 'stored', 'stored_'),
    update_sql.shape ->> 'target',
    landfall.list_columns(update_sql.shape -> 'key', 'stored_.%1$I = judged.%1$I', ' and '),
    coalesce(
      (
        select string_agg(
          format('%1$I = judged.%1$I', columns.item ->> 'name'), ', ' order by columns.nth
        )
        from jsonb_array_elements(update_sql.shape -> 'columns')
          with ordinality as columns (item, nth)
        where not update_sql.shape -> 'keyNames' ? (columns.item ->> 'name')
      ),
      landfall.list_columns(update_sql.shape -> 'key', '%1$I = judged.%1$I')
    ),
    landfall.key_text(update_sql.shape, 'stored_'),
    case when (update_sql.shape ->> 'rewrites')::boolean
      then landfall.row_hash(update_sql.shape -> 'stored', 'stored_') else 'null::bigint' end
  );
end
$$;

comment on function landfall.update_sql is
$$Writes the statement that updates rows whose result differs, keeping their before images.

A target row that is not ours, or that has changed since it was written, is only touched when
the run's option says update.$$;

select landfall.close_doors();
