/*
 * Pipeline jobs: profiles. Whoever signs in has a profile, to which the tables of the new app
 * refer.
 *
 * Reads  auth.users
 * Writes public.profiles, and a trigger on auth.users
 * Holds  a profile that cannot be made never keeps anybody from signing up or in
 */

create table public.profiles (
  id          uuid        not null primary key references auth.users (id) on delete cascade,
  email       text,
  created_at  timestamptz not null default now()
);

comment on table public.profiles is
$$The people who use the app, each by the id of their account.$$;

alter table public.profiles enable row level security;
revoke all on public.profiles from public, anon, authenticated;
grant select on public.profiles to authenticated;
grant select, insert, update, delete on public.profiles to service_role;

create policy "Users see their own profile" on public.profiles
  for select
  to authenticated
  using (id = (select auth.uid()));


create function public.bootstrap_profile()
  returns trigger
  language plpgsql
  volatile
  -- definer: Auth makes accounts as a role that has nothing in public
  security definer
  set search_path = ''
as $$
begin
  insert into public.profiles (id, email)
  values (new.id, new.email)
  on conflict (id) do update
  set email = excluded.email
  where profiles.email is distinct from excluded.email;

  return new;
exception when others then
  -- the profile is made at the next sign-in; the sign-in itself must not fail
  raise warning 'No profile for account %: %', new.id, sqlerrm;
  return new;
end
$$;

comment on function public.bootstrap_profile is
$$Makes the profile of a new account, or takes over its new address.$$;

revoke all on function public.bootstrap_profile() from public, anon, authenticated;

create trigger bootstrap_profile
  after insert or update of email, last_sign_in_at on auth.users
  for each row execute function public.bootstrap_profile();

-- accounts that were there before
insert into public.profiles (id, email)
select users.id, users.email
from auth.users;
