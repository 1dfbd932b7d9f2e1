/*
 * Chapter 63: waiting users. Who has not been found yet, why, and what waits for them.
 *
 * Reads  landfall.legacy_user_map, deferred, auth.users
 * Writes nothing
 * Holds  whoever has rows waiting is listed
 */

create view landfall.waiting_users
  with (security_invoker = true)
as
select
  legacy_user_map.legacy_user_id,
  legacy_user_map.pipeline,
  legacy_user_map.email,
  case
    when legacy_user_map.migrated_at is not null then 'the run that loaded the rows is rolled back'
    when legacy_user_map.supabase_user_id is not null then 'ready'
    when matches.verdict is not null then matches.verdict
    when legacy_user_map.address is null then 'the address is unknown'
    when exists (
      select
      from landfall.user_links
      where user_links.legacy_user_id = legacy_user_map.legacy_user_id
    )
      then 'unlinked by hand'
    else 'no account has the address'
  end as reason,
  coalesce(waiting.rows, 0) as rows,
  coalesce(waiting.amounts, '{}') as amounts,
  least(waiting.since, legacy_user_map.created_at) as since
from landfall.legacy_user_map
left join (
  select pipelines.name, matched.legacy_user_id, matched.verdict
  from landfall.pipelines
  cross join lateral landfall.match_users(pipelines.name) as matched
  where pipelines.users is not null
) as matches
  on matches.name = legacy_user_map.pipeline
  and matches.legacy_user_id = legacy_user_map.legacy_user_id
left join (
  select
    parts.waiting_for,
    sum(parts.rows) as rows,
    min(parts.since) as since,
    jsonb_object_agg(parts.entity || '.' || parts.name, parts.amount)
      filter (where parts.amount is not null) as amounts
  from (
    select
      deferred.waiting_for,
      entities.name as entity,
      amounts.name,
      count(*) filter (where coalesce(amounts.nth, 1) = 1) as rows,
      min(deferred.since) as since,
      sum(amounts.amount::numeric) as amount
    from landfall.deferred
    join landfall.entities on entities.id = deferred.entity_id
    left join lateral jsonb_each_text(deferred.amounts)
      with ordinality as amounts (name, amount, nth) on true
    where deferred.settled_by is null
    group by deferred.waiting_for, entities.name, amounts.name
  ) as parts
  group by parts.waiting_for
) as waiting on waiting.waiting_for = legacy_user_map.legacy_user_id
where legacy_user_map.supabase_user_id is null
  or waiting.rows > 0;

comment on view landfall.waiting_users is
$$Legacy users who have no account yet, or rows that wait: why, how many rows, what these amount to
in the columns their entities sum ({"entity.column": sum}), and since when.

What holds them up is told as landfall.resolve_users would see it with a sign-in required.$$;

select landfall.close_doors();
