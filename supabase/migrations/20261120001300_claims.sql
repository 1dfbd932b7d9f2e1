/*
 * Chapter 13: claims. A worker takes the next batch, and as many of its neighbours as make about a
 * second's work.
 *
 * Reads  landfall.batches
 * Writes landfall.batches
 * Holds  two workers never receive the same rows
 */

create function landfall.claim_batch(run_id bigint, entity_id int, longest int)
  returns setof landfall.batches
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_first landfall.batches;
  v_next  landfall.batches;
begin
  for v_next in
    select batches.*
    from landfall.batches
    where batches.run_id = claim_batch.run_id
      and batches.entity_id = claim_batch.entity_id
      and not batches.done
    order by batches.seq
    limit claim_batch.longest
    for update skip locked
  loop
    if v_first.seq is null then
      v_first := v_next;
    elsif v_next.seq = v_first.seq + v_first.source + 1 then
      -- source counts the neighbours taken in until the batch is written
      v_first.source := v_first.source + 1;
      v_first.to_key := v_next.to_key;
      v_first.planned_rows := v_first.planned_rows + v_next.planned_rows;
    else
      exit;
    end if;
  end loop;

  if v_first.seq is null then
    return;
  end if;

  delete from landfall.batches
  where batches.run_id = v_first.run_id
    and batches.entity_id = v_first.entity_id
    and batches.seq > v_first.seq
    and batches.seq <= v_first.seq + v_first.source;

  update landfall.batches
  set
    to_key = v_first.to_key,
    planned_rows = v_first.planned_rows
  where batches.run_id = v_first.run_id
    and batches.entity_id = v_first.entity_id
    and batches.seq = v_first.seq;

  v_first.source := 0;
  return next v_first;
end
$$;

comment on function landfall.claim_batch is
$$Claims the next batch of an entity, made of up to `longest` planned neighbours.

Two workers never receive the same rows: whatever another holds is skipped. No row means that
nothing is left to claim just now.$$;


create function landfall.batch_length(run_id bigint, entity_id int)
  returns int
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with limits as (
      select
        1000 as aim_ms,
        20 as most,
        500 as planned_rows,
        4 as growth
    ),

    recent as (
      select batches.source, batches.finished_at - batches.started_at as duration
      from landfall.batches
      where batches.run_id = batch_length.run_id
        and batches.entity_id = batch_length.entity_id
        and batches.done
      order by batches.seq desc
      limit 3
    ),

    undone as (
      select count(*) as batches
      from landfall.batches
      where batches.run_id = batch_length.run_id
        and batches.entity_id = batch_length.entity_id
        and not batches.done
    )

    select greatest(
      1,
      least(
        limits.most,
        -- towards the end, something is left for the others
        (undone.batches + 3) / 4,
        case
          when count(recent.source) = 0 then 2
          else least(
            limits.growth * max(recent.source) / limits.planned_rows,
            limits.aim_ms * sum(recent.source) / limits.planned_rows
              / greatest(1, 1000 * extract(epoch from sum(recent.duration)))
          )
        end
      )
    )::int
    from limits
    cross join undone
    left join recent on true
    group by limits.aim_ms, limits.most, limits.planned_rows, limits.growth, undone.batches
  );
end
$$;

comment on function landfall.batch_length is
$$Says how many planned neighbours make about a second's work, by the time the last batches took.$$;


create function landfall.expects_places(run_id bigint, entity_id int, shape jsonb)
  returns boolean
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return not (expects_places.shape ->> 'known')::boolean
    and not coalesce((expects_places.shape ->> 'inOrder')::boolean, false)
    and coalesce(
      (
        select batches.inserted = batches.source
        from landfall.batches
        where batches.run_id = expects_places.run_id
          and batches.entity_id = expects_places.entity_id
          and batches.done
        order by batches.seq desc
        limit 1
      ),
      true
    );
end
$$;

comment on function landfall.expects_places is
$$Whether the next rows of an entity will likely find every place in the target free: it is a first
load, and the last batch could be inserted whole.$$;

select landfall.close_doors();
