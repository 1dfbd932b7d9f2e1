/*
 * Pipeline jobs, the transforms: whose a row is, and what it becomes. Times were written as ISO
 * text, as SQLite's own text, and as seconds or milliseconds of the epoch, all of them in UTC; ids
 * as integers, as text, and as reals (1.0), as some drivers write what has no type.
 *
 * Reads  staging.jobs_*, landfall.legacy_user_map
 * Writes views in transform
 * Holds  a row without an account waits; a row of nobody is rejected
 */

create view transform.jobs_users
  with (security_invoker = true)
as
select
  regexp_replace(legacy.id, '^(\d+)\.0$', '\1') as legacy_user_id,
  legacy.email
from staging.jobs_users as legacy;

comment on view transform.jobs_users is
$$The legacy users, for landfall.legacy_user_map.$$;


create view transform.jobs_jobs
  with (security_invoker = true)
as
select
  legacy.id as source_key,
  to_jsonb(legacy) as source_row,
  case when owner_.supabase_user_id is null then owner_.legacy_user_id end as waiting_for,
  owner_.supabase_user_id as user_id,
  legacy.job_type,
  legacy.status,
  case
    when legacy.created_at ~ '^\s*\d{9,10}(\.\d+)?\s*$' then to_timestamp(legacy.created_at::float8)
    when legacy.created_at ~ '^\s*\d{12,13}(\.\d+)?\s*$'
      then to_timestamp(legacy.created_at::float8 / 1000)
    when legacy.created_at ~ ':.*(Z|[+-]\d\d(:?\d\d)?)\s*$' then legacy.created_at::timestamptz
    when legacy.created_at ~ '^\s*\d{4}-' then (legacy.created_at || ' UTC')::timestamptz
    -- 'now' and 'infinity' are no dates here, whatever Postgres makes of them
    when legacy.created_at ~ '\S' then ('not a date: ' || legacy.created_at)::timestamptz
  end as created_at,
  case
    when legacy.updated_at ~ '^\s*\d{9,10}(\.\d+)?\s*$' then to_timestamp(legacy.updated_at::float8)
    when legacy.updated_at ~ '^\s*\d{12,13}(\.\d+)?\s*$'
      then to_timestamp(legacy.updated_at::float8 / 1000)
    when legacy.updated_at ~ ':.*(Z|[+-]\d\d(:?\d\d)?)\s*$' then legacy.updated_at::timestamptz
    when legacy.updated_at ~ '^\s*\d{4}-' then (legacy.updated_at || ' UTC')::timestamptz
    -- 'now' and 'infinity' are no dates here, whatever Postgres makes of them
    when legacy.updated_at ~ '\S' then ('not a date: ' || legacy.updated_at)::timestamptz
  end as updated_at,
  nullif(legacy.source_file, '') as source_file,
  nullif(legacy.result_file, '') as result_file,
  nullif(btrim(legacy.metadata), '')::jsonb as metadata
from staging.jobs_jobs as legacy
left join landfall.legacy_user_map as owner_
  on owner_.legacy_user_id = regexp_replace(legacy.user_id, '^(\d+)\.0$', '\1');

comment on view transform.jobs_jobs is
$$What a job becomes.$$;


create view transform.jobs_credit_transactions
  with (security_invoker = true)
as
select
  legacy.id as source_key,
  to_jsonb(legacy) as source_row,
  case when owner_.supabase_user_id is null then owner_.legacy_user_id end as waiting_for,
  owner_.supabase_user_id as user_id,
  legacy.amount::int as amount,
  legacy.transaction_type,
  nullif(legacy.reference_id, '') as reference_id,
  case
    when legacy.created_at ~ '^\s*\d{9,10}(\.\d+)?\s*$' then to_timestamp(legacy.created_at::float8)
    when legacy.created_at ~ '^\s*\d{12,13}(\.\d+)?\s*$'
      then to_timestamp(legacy.created_at::float8 / 1000)
    when legacy.created_at ~ ':.*(Z|[+-]\d\d(:?\d\d)?)\s*$' then legacy.created_at::timestamptz
    when legacy.created_at ~ '^\s*\d{4}-' then (legacy.created_at || ' UTC')::timestamptz
    -- 'now' and 'infinity' are no dates here, whatever Postgres makes of them
    when legacy.created_at ~ '\S' then ('not a date: ' || legacy.created_at)::timestamptz
  end as created_at,
  nullif(legacy.description, '') as description
from staging.jobs_credit_transactions as legacy
left join landfall.legacy_user_map as owner_
  on owner_.legacy_user_id = regexp_replace(legacy.user_id, '^(\d+)\.0$', '\1');

comment on view transform.jobs_credit_transactions is
$$What a transaction of credits becomes.$$;

select landfall.close_doors();
