/*
 * Chapter 53: whole tables. What only a table as a whole, or a run's own books, can show.
 *
 * Reads  the targets, landfall.lineage, batches, rejects
 * Writes landfall.verified_entities, differences
 * Holds  a row that no lineage knows, or without its parent, is counted
 */

create function landfall.next_to_verify(verification_id bigint)
  returns landfall.verified_entities
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select verified_entities.*
  from landfall.verified_entities
  where verified_entities.verification_id = next_to_verify.verification_id
    and verified_entities.phase <> 'done'
    and (
      verified_entities.phase <> 'ranges'
      or not exists (
        select
        from landfall.verified_ranges
        where verified_ranges.verification_id = verified_entities.verification_id
          and verified_ranges.entity_id = verified_entities.entity_id
          and verified_ranges.counts is null
      )
    )
  order by verified_entities.place
  limit 1
  for update skip locked
$$;

comment on function landfall.next_to_verify is
$$Claims the entity that comes next, and says how far it is: one that is to be cut into ranges, or
whose ranges are all compared. Null when none is left to claim.$$;


create function landfall.verify_table(
  verification landfall.verifications,
  entity landfall.verified_entities,
  shape jsonb
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_samples constant int := coalesce((verification.options ->> 'samples')::int, 5);
  v_unknown bigint := 0;
  v_check   jsonb;
  v_found   jsonb;
begin
  for v_check in
    select item
    from jsonb_array_elements(verify_table.shape -> 'orphans') as item
    where item ->> 'kind' = 'foreign key'
  loop
    execute format(
      $sql$
        select jsonb_build_object(
          'kind', 'orphan', 'name', $1, 'count', count(*),
          'sample', to_jsonb((array_agg(
            jsonb_build_object(
              'sourceKey', null, 'targetKey', %1$s, 'expected', null, 'actual', null
            )
            order by %1$s
          ))[1:$2])
        )
        from %2$s as row_
        where not (%3$s)%4$s
      $sql$,
      landfall.key_text(verify_table.shape, 'row_'),
      verify_table.shape ->> 'target',   -- a relation, quoted by Postgres
      v_check ->> 'sql',                 -- derived from the catalog
      case when verification.options ? 'sourceCompany' then format(
        ' and exists (select from landfall.lineage where lineage.entity_id = $3'
        ' and lineage.target_key = %s%s)',
        landfall.key_text(verify_table.shape, 'row_'),
        landfall.scopes_sql(verify_table.shape, 'lineage')
      ) end
    )
    into v_found
    using v_check ->> 'reason', v_samples, entity.entity_id;

    perform landfall.add_differences(
      verification.id, entity.entity_id, jsonb_build_array(v_found)
    );
  end loop;

  if (verify_table.shape ->> 'scoped')::boolean then
    perform landfall.verify_scopes(verification, entity, shape);
  end if;

  -- whose a row is that no lineage knows, nobody can say
  if verification.run_id is null and not verification.options ? 'sourceCompany' then
    execute format(
      $sql$
        select jsonb_build_object(
          'kind', 'unknown', 'name', '', 'count', count(*),
          'sample', to_jsonb((array_agg(
            jsonb_build_object(
              'sourceKey', null, 'targetKey', unknown.target_key, 'expected', null, 'actual', null
            )
            order by unknown.target_key
          ))[1:$2])
        )
        from (select %1$s as target_key from %2$s as stored_) as unknown
        where not exists (
          select
          from landfall.lineage
          where lineage.entity_id = any ($1)
            and lineage.target_key = unknown.target_key
        )
      $sql$,
      landfall.key_text(verify_table.shape, 'stored_'),
      verify_table.shape ->> 'target'   -- a relation, quoted by Postgres
    )
    into v_found
    using
      -- pipelines may share a table
      array(
        select entities.id
        from landfall.entities
        where entities.target = verify_table.shape ->> 'target'
      ),
      v_samples;

    v_unknown := v_found -> 'count';

    if not coalesce((verification.options ->> 'allowUnknown')::boolean, false) then
      perform landfall.add_differences(
        verification.id, entity.entity_id, jsonb_build_array(v_found)
      );
    end if;
  end if;

  perform landfall.add_differences(verification.id, entity.entity_id, (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'kind', 'sum', 'name', sums.name, 'count', 1,
        'sample', jsonb_build_array(jsonb_build_object(
          'sourceKey', null, 'targetKey', null,
          'expected', sums.pair ->> 0, 'actual', sums.pair ->> 1
        ))
      )
    ), '[]')
    from jsonb_each(entity.sums) as sums (name, pair)
    where (sums.pair ->> 0)::numeric <> (sums.pair ->> 1)::numeric
  ));

  update landfall.verified_entities
  set
    phase = 'done',
    unknown = v_unknown,
    finished_at = clock_timestamp()
  where verified_entities.verification_id = verification.id
    and verified_entities.entity_id = entity.entity_id;
end
$$;

comment on function landfall.verify_table is
$$Verifies a target table as a whole: rows without their parents, rows that no lineage knows, and
sums.$$;


create function landfall.verify_books(verification landfall.verifications, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_books landfall.batches;
  v_found jsonb;
begin
  select
    coalesce(sum(batches.source), 0), coalesce(sum(batches.inserted + batches.updated), 0),
    coalesce(sum(batches.rejected), 0), coalesce(sum(batches.deferred), 0)
  into v_books.source, v_books.inserted, v_books.rejected, v_books.deferred
  from landfall.batches
  where batches.run_id = verification.run_id
    and batches.entity_id = verify_books.entity_id;

  select jsonb_agg(
    jsonb_build_object(
      'kind', 'count', 'name', books.name, 'count', 1,
      'sample', jsonb_build_array(jsonb_build_object(
        'sourceKey', null, 'targetKey', null,
        'expected', books.counted::text, 'actual', books.there::text
      ))
    )
  )
  into v_found
  from (
    select 'rejected' as name, v_books.rejected as counted, count(*) as there
    from landfall.rejects
    where rejects.run_id = verification.run_id and rejects.entity_id = verify_books.entity_id

    union all
    select
      'written', v_books.inserted,
      (
        select count(*)
        from landfall.lineage
        where lineage.run_id = verification.run_id
          and lineage.entity_id = verify_books.entity_id
          and not lineage.kept
      ) + (
        -- what later runs have written over
        select count(distinct changes.source_key)
        from landfall.changes
        where changes.before_run_id = verification.run_id
          and changes.entity_id = verify_books.entity_id
      )
    where not exists (
      -- a table that is rolled back has no such rows any more
      select
      from landfall.rollbacks
      where rollbacks.run_id = verification.run_id
        and rollbacks.entity_id = verify_books.entity_id
    )
  ) as books
  where books.counted <> books.there;

  perform landfall.add_differences(
    verification.id, verify_books.entity_id, coalesce(v_found, '[]')
  );

  update landfall.verified_entities
  set
    source = v_books.source,
    rejected = v_books.rejected,
    deferred = v_books.deferred
  where verified_entities.verification_id = verification.id
    and verified_entities.entity_id = verify_books.entity_id;
end
$$;

comment on function landfall.verify_books is
$$Holds a run's own counts of an entity against the rejects and the lineage that are there.$$;

select landfall.close_doors();
