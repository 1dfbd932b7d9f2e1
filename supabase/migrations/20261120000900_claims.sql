/*
 * Chapter 9: claims. A worker takes the next batch, and as many of its neighbours as make about a
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

select landfall.close_doors();
