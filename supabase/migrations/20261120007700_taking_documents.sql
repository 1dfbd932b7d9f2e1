/*
 * Chapter 77: taking documents. A worker takes a batch, commits, and writes the documents where
 * they belong; what it is about to write is on record before it does, so that a worker may die
 * anywhere.
 *
 * Reads  the transforms, landfall.batches
 * Writes landfall.batches, lineage, changes, rejects
 * Holds  a document is written only when lineage knows of it
 */

create function landfall.put_on_record_sql(shape jsonb, predicate text, unsettled boolean)
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
  with given as materialized (%1$s
  ),

  sized as (
    select
      given.*,
      row_number() over (partition by given.target_key order by given.source_key) as nth,
      coalesce(sum(octet_length(given.document::text)) over (
        order by given.source_key rows between unbounded preceding and 1 preceding
      ), 0) > $5 as beyond
    from given
  ),

  judged as materialized (
    select
      sized.*,
      known.*,
      known.run_id is not null and %2$s as pending,
      sized.broken || sized.orphaned || array_remove(array[
        case
          when (sized.target_key ~ '^[0-9a-f]{24}$') is not true
            then 'its document has no ObjectId as _id'
          when sized.target_key <> known.target_key_before
            then 'its _id is no longer the one it was written with'
          when sized.nth > 1 or exists (
            select
            from landfall.lineage
            where lineage.target_key = sized.target_key
              and lineage.entity_id = $2
              and lineage.source_key <> sized.source_key
          )
            then format('another source row has become this document of %%s', %3$L)
        end
      ], null) as reasons
    from sized
    left join lateral (
      select
        lineage.run_id, lineage.given_hash, lineage.stored_hash, lineage.kept,
        lineage.target_key as target_key_before
      from landfall.lineage
      where lineage.entity_id = $2 and lineage.source_key = sized.source_key
      -- one look into the index a row, whatever the planner believes of lineage
      offset 0
    ) as known on true
    where not sized.beyond
  ),

  -- what this run has on record, and rejects since, may have been written
  written as materialized (
    select
      judged.*,
      array(
        select before.hash
        from landfall.changes
        cross join unnest(array[changes.before_given_hash, changes.before_stored_hash])
          as before (hash)
        where changes.entity_id = $2
          and changes.source_key = judged.source_key
          and changes.run_id in (judged.run_id, $1)
          and before.hash is not null
      ) as hashes_before
    from judged
    where (judged.reasons = '{}' and judged.given_hash is distinct from judged.hash)
      or judged.pending and (judged.reasons = '{}' or judged.run_id = $1)
  ),

  fresh as (
    insert into landfall.lineage (entity_id, run_id, given_hash, source_key, target_key)
    select $2, $1, written.hash, written.source_key, written.target_key
    from written
    where written.run_id is null
  ),

  -- the before image follows when the worker has seen the document
  remembered as (
    insert into landfall.changes (
      run_id, entity_id, source_key, target_key, before_image,
      before_run_id, before_given_hash, before_stored_hash, before_kept
    )
    select
      $1, $2, written.source_key, written.target_key, '{}',
      written.run_id, written.given_hash, written.stored_hash, written.kept
    from written
    where written.run_id <> $1
  ),

  -- stored_hash is of what may still be there, until the write is acknowledged
  renewed as (
    update landfall.lineage
    set
      run_id = $1,
      given_hash = written.hash,
      stored_hash = case
        when written.run_id = $1 and written.given_hash = written.hash then lineage.stored_hash
        else written.given_hash
      end,
      kept = false
    from written
    where written.run_id is not null
      and written.reasons = '{}'
      and lineage.entity_id = $2
      and lineage.source_key = written.source_key
  ),

  refused as (
    insert into landfall.rejects
      (run_id, entity_id, source_key, target_key, reasons, source_row)
    select
      $1, $2, judged.source_key, judged.target_key, judged.reasons,
      (select %4$s from %5$s as row_ where row_.source_key = judged.source_key)
    from judged
    where judged.reasons <> '{}'
      and judged.source_key not in (select written.source_key from written)
  )

  select
    count(*) as source,
    count(*) filter (
      where judged.reasons <> '{}'
        and judged.source_key not in (select written.source_key from written)
    ) as rejected,
    max(judged.source_key) as reached,
    (
      select coalesce(jsonb_object_agg(remarks.name, remarks.finding), '{}')
      from (
        select
          remark.name,
          jsonb_build_object(
            'count', count(*), 'sample',
            to_jsonb((array_agg(remarked.source_key order by remarked.source_key))[1:5])
          ) as finding
        from judged as remarked
        cross join unnest(remarked.remarks) as remark (name)
        group by remark.name
      ) as remarks
    ) as findings,
    (select count(*) from sized where sized.beyond) as rows_beyond,
    (select min(sized.source_key) from sized where sized.beyond) as beyond_from,
    (
      select json_agg(
        json_build_object(
          'sourceKey', written.source_key,
          'id', written.target_key,
          'hash', written.hash::text,
          'attempted', array(
            select own.hash::text
            from unnest(array[written.given_hash, written.stored_hash]) as own (hash)
            where written.run_id = $1
              and own.hash is not null
              and own.hash <> all (written.hashes_before)
          ),
          'noted', exists (
            select
            from landfall.changes
            where changes.run_id = $1
              and changes.entity_id = $2
              and changes.source_key = written.source_key
              and changes.before_image ? 'bson'
          ),
          'known', written.run_id is not null and (
            written.run_id <> $1 or written.hashes_before <> '{}'
          ),
          'pending', written.pending,
          'reasons', written.reasons,
          'ours', array_remove(
            array[written.given_hash, written.stored_hash] || written.hashes_before, null
          )::text[],
          'document', written.document
        )
        order by written.source_key
      )
      from written
    ) as operations
  from judged$sql$,
      landfall.documents_sql(put_on_record_sql.shape, put_on_record_sql.predicate),
      case
        when put_on_record_sql.unsettled then $part$exists (
        select
        from landfall.batches
        where batches.run_id = known.run_id
          and batches.entity_id = $2
          and batches.token is not null
          and not batches.done
          and sized.source_key between batches.from_key and batches.to_key
      )$part$
        else 'false'
      end,
      put_on_record_sql.shape -> 'documents' ->> 'collection',
      landfall.kept_row(put_on_record_sql.shape),
      put_on_record_sql.shape ->> 'transform'
    )
  );
end
$$;

comment on function landfall.put_on_record_sql is
$$Writes the statement that puts on record what a batch is about to write, and returns it: $1 run,
$2 entity, $3 and $4 first and last key, $5 bytes of documents after which the rest is left to
another batch.

pending: an earlier worker may have written the document, or not; ours lists the hashes of what may
be there and is the engine's, reasons why it is rejected nevertheless, attempted those that only
this run can have written; noted: its before image is kept.$$;

select landfall.close_doors();
