/*
 * Pipeline jobs: the tables of the new app. Users read what is theirs.
 *
 * Reads  nothing
 * Writes public.jobs, credit_transactions
 * Holds  every row is somebody's, and nobody else sees it
 */

create table public.jobs (
  id           uuid        not null default gen_random_uuid() primary key,
  user_id      uuid        not null references public.profiles (id) on delete cascade,
  job_type     text        not null,
  status       text        not null,
  created_at   timestamptz not null,
  updated_at   timestamptz,
  source_file  text,
  result_file  text,
  metadata     jsonb,

  constraint jobs_type_is_named check (job_type <> ''),
  constraint jobs_updated_after_created check (updated_at >= created_at)
);

create index on public.jobs (user_id);

comment on table public.jobs is
$$What the app has been asked to do.$$;
comment on constraint jobs_type_is_named on public.jobs is
$$the job has no type$$;
comment on constraint jobs_updated_after_created on public.jobs is
$$the job was updated before it was created$$;

alter table public.jobs enable row level security;
revoke all on public.jobs from public, anon, authenticated;
grant select on public.jobs to authenticated;
grant select, insert, update, delete on public.jobs to service_role;

create policy "Users see their own jobs" on public.jobs
  for select
  to authenticated
  using (user_id = (select auth.uid()));


create table public.credit_transactions (
  id                uuid        not null default gen_random_uuid() primary key,
  user_id           uuid        not null references public.profiles (id) on delete cascade,
  amount            int         not null,
  transaction_type  text        not null,
  reference_id      text,
  created_at        timestamptz not null,
  description       text
);

create index on public.credit_transactions (user_id);

comment on table public.credit_transactions is
$$Credits that were bought, spent or given, in whole units.$$;

alter table public.credit_transactions enable row level security;
revoke all on public.credit_transactions from public, anon, authenticated;
grant select on public.credit_transactions to authenticated;
grant select, insert, update, delete on public.credit_transactions to service_role;

create policy "Users see their own credits" on public.credit_transactions
  for select
  to authenticated
  using (user_id = (select auth.uid()));
