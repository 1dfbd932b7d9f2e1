/*
 * Pipeline jobs: its entities, its rules, and the books of who owns what.
 *
 * Reads  the transforms of jobs
 * Writes landfall.pipelines, entities, rules
 * Holds  every credit of the file is loaded, waits, or is rejected: to the unit
 */

select landfall.define_pipeline(
  name => 'jobs',
  description => 'The history of a SQLite app, owned by people who sign in later'
);
select landfall.define_users(
  pipeline => 'jobs', users => 'transform.jobs_users', profiles => 'public.profiles'
);
select landfall.define_entity(
  pipeline => 'jobs', name => 'jobs', target => 'public.jobs'
);
select landfall.define_entity(
  pipeline => 'jobs', name => 'credit_transactions', target => 'public.credit_transactions',
  sums => '{amount}'
);
select landfall.define_rule(
  pipeline => 'jobs', entity => 'jobs', name => 'owned', action => 'reject',
  reason => 'its owner is no user of the old app',
  condition => $$user_id is not null$$
);
select landfall.define_rule(
  pipeline => 'jobs', entity => 'credit_transactions', name => 'owned', action => 'reject',
  reason => 'its owner is no user of the old app',
  condition => $$user_id is not null$$
);
select landfall.define_rule(
  pipeline => 'jobs', entity => 'credit_transactions', name => 'same_reference',
  action => 'finding',
  reason => 'several transactions have one reference',
  query => $$
    select doubled.source_key
    from (
      select
        legacy.id as source_key,
        count(*) over (partition by legacy.user_id, legacy.reference_id) as times
      from staging.jobs_credit_transactions as legacy
      where legacy.reference_id <> ''
    ) as doubled
    where doubled.times > 1
  $$
);


create view transform.jobs_owners
  with (security_invoker = true)
as
select
  entities.name as entity,
  staged.source_key,
  staged.legacy_user_id,
  staged.credits,
  lineage.target_key,
  deferred.source_key is not null as waits
from landfall.entities
join (
  select
    'jobs' as name, legacy.id as source_key,
    regexp_replace(legacy.user_id, '^(\d+)\.0$', '\1') as legacy_user_id, 0 as credits
  from staging.jobs_jobs as legacy

  union all
  select
    'credit_transactions', legacy.id, regexp_replace(legacy.user_id, '^(\d+)\.0$', '\1'),
    case when legacy.amount ~ '^\s*[+-]?\d{1,9}\s*$' then legacy.amount::int end
  from staging.jobs_credit_transactions as legacy
) as staged on staged.name = entities.name
left join landfall.lineage
  on lineage.entity_id = entities.id
  and lineage.source_key = staged.source_key
left join landfall.deferred
  on deferred.entity_id = entities.id
  and deferred.source_key = staged.source_key
  and deferred.settled_by is null
where entities.pipeline = 'jobs';

comment on view transform.jobs_owners is
$$Every row of the file with its legacy owner, and whether it is migrated or waits; credits are null
where the file has no whole number.$$;


create view transform.jobs_books
  with (security_invoker = true)
as
select
  owners.entity,
  count(*) as rows,
  count(*) filter (where owners.target_key is not null) as migrated,
  count(*) filter (where owners.waits) as waiting,
  count(*) filter (where owners.target_key is null and not owners.waits) as rejected,
  count(distinct owners.legacy_user_id) as users,
  min(target.created_at) as earliest,
  max(target.created_at) as latest
from transform.jobs_owners as owners
left join (
  select jobs.id, jobs.created_at from public.jobs

  union all
  select credits.id, credits.created_at from public.credit_transactions as credits
) as target on target.id = owners.target_key::uuid
group by owners.entity;

comment on view transform.jobs_books is
$$For each table of the file: its rows and what became of them, how many users they are of, and the
earliest and latest time among those migrated. What is neither migrated nor waits is rejected, or
was not taken by a run yet.$$;


create view transform.jobs_credits
  with (security_invoker = true)
as
select
  owners.legacy_user_id,
  coalesce(sum(owners.credits), 0) as in_file,
  coalesce(sum(target.amount), 0) as loaded,
  coalesce(sum(owners.credits) filter (where owners.waits), 0) as waiting,
  coalesce(
    sum(owners.credits) filter (where owners.target_key is null and not owners.waits), 0
  ) as rejected
from transform.jobs_owners as owners
left join public.credit_transactions as target on target.id = owners.target_key::uuid
where owners.entity = 'credit_transactions'
group by owners.legacy_user_id;

comment on view transform.jobs_credits is
$$The credits of each legacy user, as the file has them and as they are loaded, wait or are
rejected: in_file = loaded + waiting + rejected, to the unit.$$;

select landfall.close_doors();
