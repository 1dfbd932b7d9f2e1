/*
 * Chapter 42: counts. What became of a run's rows.
 *
 * Reads  landfall.run_entities, batches, rejects, findings
 * Writes nothing
 * Holds  each is one jsonb: the Data API cuts a set of rows without a word
 */

create function landfall.run_progress(run_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'done', (
      select coalesce(sum(batches.source), 0)
      from landfall.batches
      where batches.run_id = run_progress.run_id and batches.done
    ),
    'total', (
      select coalesce(sum(run_entities.expected_rows), 0)
      from landfall.run_entities
      where run_entities.run_id = run_progress.run_id
    )
  );
end
$$;

comment on function landfall.run_progress is
$$Counts the source rows a run has done, and all that it expects: {done, total}.$$;


create function landfall.entity_counts(run_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(counted.item order by counted.place), '[]')
    from (
      select
        run_entities.place,
        jsonb_build_object(
          'entity', entities.name,
          'target', entities.target,
          'state', run_entities.state,
          'source', coalesce(sum(batches.source), 0),
          'inserted', coalesce(sum(batches.inserted), 0),
          'updated', coalesce(sum(batches.updated), 0),
          'unchanged', coalesce(sum(batches.unchanged), 0),
          'rejected', coalesce(sum(batches.rejected), 0),
          'deferred', coalesce(sum(batches.deferred), 0),
          'pruned', run_entities.pruned,
          'durationMs', coalesce(
            round(1000 * extract(
              epoch from coalesce(run_entities.finished_at, max(batches.finished_at))
                - run_entities.started_at
            )),
            0
          )
        ) as item
      from landfall.run_entities
      join landfall.entities on entities.id = run_entities.entity_id
      left join landfall.batches
        on batches.run_id = run_entities.run_id
        and batches.entity_id = run_entities.entity_id
        and batches.done
      where run_entities.run_id = entity_counts.run_id
      group by run_entities.run_id, run_entities.entity_id, entities.id
    ) as counted
  );
end
$$;

comment on function landfall.entity_counts is
$$Counts what became of each entity's source rows in a run, in the order they were written.$$;


create function landfall.reject_counts(run_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with counted as (
      select
        run_entities.place, entities.name as entity, reasons.reason,
        count(*) as count,
        (array_agg(rejects.source_key order by rejects.source_key))[1:5] as sample,
        row_number() over (order by count(*) desc, run_entities.place, reasons.reason) as rank
      from landfall.rejects
      join landfall.run_entities using (run_id, entity_id)
      join landfall.entities on entities.id = rejects.entity_id
      cross join unnest(rejects.reasons) as reasons (reason)
      where rejects.run_id = reject_counts.run_id
      group by run_entities.place, entities.name, reasons.reason
    ),

    listed as (
      select place, entity, reason, count, to_jsonb(sample) as sample
      from counted
      where rank <= 200

      union all
      select place, entity, format('%s other reasons', count(*)), sum(count), '[]'
      from counted
      where rank > 200
      group by place, entity
    )

    select coalesce(
      jsonb_agg(
        jsonb_build_object('entity', entity, 'reason', reason, 'count', count, 'sample', sample)
        order by place, count desc, reason
      ),
      '[]'
    )
    from listed
  );
end
$$;

comment on function landfall.reject_counts is
$$Counts a run's rejects by entity and reason, with sample keys.

A row with three faults counts under three reasons. Past 200 reasons the rest is one line.$$;


create function landfall.finding_counts(run_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with found as (
      select findings.entity_id, findings.name, findings.count, to_jsonb(findings.sample) as sample
      from landfall.findings
      where findings.run_id = finding_counts.run_id

      union all
      select
        batches.entity_id, parts.name,
        sum((parts.finding ->> 'count')::bigint),
        jsonb_path_query_array(
          jsonb_agg(parts.finding -> 'sample' order by batches.seq), '$[*][*]'
        )
      from landfall.batches
      cross join jsonb_each(batches.findings) as parts (name, finding)
      where batches.run_id = finding_counts.run_id
      group by batches.entity_id, parts.name
    )

    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'entity', entities.name,
          'finding', found.name,
          'reason', coalesce(
            rules.reason,
            case found.name
              when 'vanished' then 'migrated before, and no longer in the source'
              when 'moved' then 'migrated before, and of another company now'
            end
          ),
          'count', found.count,
          'sample', jsonb_path_query_array(found.sample, '$[0 to 4]')
        )
        order by run_entities.place, found.name
      ),
      '[]'
    )
    from found
    join landfall.entities on entities.id = found.entity_id
    join landfall.run_entities
      on run_entities.run_id = finding_counts.run_id
      and run_entities.entity_id = found.entity_id
    left join landfall.rules
      on rules.entity_id = found.entity_id
      and rules.name = found.name
    where found.count > 0
  );
end
$$;

comment on function landfall.finding_counts is
$$Counts a run's findings, with sample keys.$$;


create function landfall.leftover_counts(run_id bigint, occasion text)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'entity', counted.entity, 'reason', counted.reason,
          'count', counted.count, 'sample', to_jsonb(counted.sample)
        )
        order by counted.place, counted.count desc, counted.reason
      ),
      '[]'
    )
    from (
      select
        run_entities.place, entities.name as entity, leftovers.reason, count(*) as count,
        (array_agg(leftovers.source_key order by leftovers.source_key))[1:5] as sample
      from landfall.leftovers
      join landfall.run_entities using (run_id, entity_id)
      join landfall.entities on entities.id = leftovers.entity_id
      where leftovers.run_id = leftover_counts.run_id
        and leftovers.occasion = leftover_counts.occasion
      group by run_entities.place, entities.name, leftovers.reason
      order by count(*) desc
      limit 200
    ) as counted
  );
end
$$;

comment on function landfall.leftover_counts is
$$Counts the rows that a run or its roll-back left, by entity and reason, with sample keys.$$;

select landfall.close_doors();
