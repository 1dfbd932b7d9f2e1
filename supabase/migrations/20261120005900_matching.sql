/*
 * Chapter 59: matching. Which account is whose: by the address, and only where nothing speaks
 * against it.
 *
 * Reads  landfall.legacy_user_map, user_links, auth.users, a pipeline's profiles
 * Writes landfall.legacy_user_map (that nothing waits any more)
 * Holds  an address that nobody has proved to own finds no account
 */

create function landfall.find_profiles(pipeline text)
  returns regclass
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_profiles text := (
    select pipelines.profiles
    from landfall.pipelines
    where pipelines.name = find_profiles.pipeline
  );
  v_found    regclass := landfall.find_relation(v_profiles);
begin
  if v_profiles is not null
    and not coalesce(has_table_privilege('service_role', v_found, 'select'), false)
  then
    raise exception using
      errcode = 'LF106',
      message = format('Pipeline %s has lost its profiles', find_profiles.pipeline),
      detail  = format('service_role may not read %s, or it is not there.', v_profiles),
      hint    = 'Restore the table or grant it, or define the users again.';
  end if;

  return v_found;
end
$$;

comment on function landfall.find_profiles is
$$Finds the table of profiles that a pipeline asks for; null when it asks for none. Raises LF106
when it is gone, or service_role may not read it: functions that run as their owner read it, too.$$;


create function landfall.match_users(pipeline text, require_sign_in boolean default true)
  returns table (
    legacy_user_id text,
    supabase_user_id uuid,
    verdict text,
    accounts int,
    address text,
    email_confirmed_at timestamptz,
    last_sign_in_at timestamptz
  )
  language plpgsql
  stable
  -- definer: service_role may not read auth.users on every project, and needs no more of it than
  -- this
  security definer
  set search_path = ''
as $$
#variable_conflict use_column
declare
  v_profiles constant regclass := landfall.find_profiles(match_users.pipeline);
begin
  return query execute format(
    $sql$
      with known as materialized (
        select
          users.id,
          -- as landfall.legacy_user_map has it: a function would cost ten times as much a row
          lower(btrim(users.email, U&' \0009\000A\000D\00A0')) as address,
          users.email_confirmed_at,
          users.last_sign_in_at,
          -- who makes an account may confirm its address, too: only its owner signs in
          users.last_sign_in_at > users.created_at as signed_in
        from auth.users
        where users.email <> ''
          and not users.is_sso_user
          and not users.is_anonymous
          and users.deleted_at is null
      ),

      pairs as (
        select owner_.legacy_user_id, known.*
        from known
        cross join lateral (
          select legacy_user_map.legacy_user_id
          from landfall.legacy_user_map
          where legacy_user_map.address = known.address
            and legacy_user_map.pipeline = $1
            and legacy_user_map.supabase_user_id is null
            -- who was unlinked by hand is not linked again by itself
            and not exists (
              select
              from landfall.user_links
              where user_links.legacy_user_id = legacy_user_map.legacy_user_id
                and user_links.supabase_user_id = known.id
                and user_links.unlinked_at is not null
            )
          -- one look into the index an account, whatever the planner believes of both tables
          offset 0
        ) as owner_
      ),

      candidates as (
        select
          pairs.legacy_user_id,
          min(pairs.address) as address,
          count(pairs.email_confirmed_at)::int as accounts,
          (array_agg(pairs.id order by pairs.email_confirmed_at))[1] as id,
          min(pairs.email_confirmed_at) as email_confirmed_at,
          (array_agg(pairs.last_sign_in_at order by pairs.email_confirmed_at))[1]
            as last_sign_in_at,
          (array_agg(pairs.signed_in order by pairs.email_confirmed_at))[1] as signed_in
        from pairs
        group by pairs.legacy_user_id
      )

      select
        candidates.legacy_user_id,
        case when candidates.accounts = 1 then candidates.id end,
        case
          when candidates.accounts = 0 then 'the address is not confirmed'
          when candidates.accounts > 1 then 'several accounts have the address'
          when $2 and candidates.signed_in is not true then 'nobody has signed in yet'
          when not %s then 'there is no profile yet'
          else 'ready'
        end,
        candidates.accounts,
        candidates.address,
        candidates.email_confirmed_at,
        candidates.last_sign_in_at
      from candidates
    $sql$,
    case
      when v_profiles is null then 'true'
      else format('exists (select from %s as profiles where profiles.id = candidates.id)',
        v_profiles)   -- regclass, quoted by Postgres
    end
  )
  using match_users.pipeline, match_users.require_sign_in;
end
$$;

comment on function landfall.match_users is
$$Matches the legacy users of a pipeline who have no account yet with the accounts that have their
address, and says of each: ready, or what is still in the way.

SSO, anonymous and deleted accounts are not looked at. Legacy users without any account of their
address are left out. require_sign_in asks for a sign-in since the account was made.$$;


create view landfall.arrivals
  with (security_invoker = true)
as
select
  waiting.entity_id,
  waiting.source_key,
  legacy_user_map.legacy_user_id
from landfall.legacy_user_map
cross join lateral (
  select deferred.entity_id, deferred.source_key
  from landfall.deferred
  where deferred.waiting_for = legacy_user_map.legacy_user_id
    and deferred.settled_by is null
  -- one look into the index a user: there are few, among any number of rows
  offset 0
) as waiting
where legacy_user_map.supabase_user_id is not null
  and legacy_user_map.migrated_at is null;

comment on view landfall.arrivals is
$$Deferred rows whose legacy user has an account by now, and that no run has taken since.$$;


create function landfall.note_migrated()
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  update landfall.legacy_user_map
  set migrated_at = clock_timestamp()
  where legacy_user_map.supabase_user_id is not null
    and legacy_user_map.migrated_at is null
    and not exists (
      select
      from landfall.deferred
      where deferred.waiting_for = legacy_user_map.legacy_user_id
        and deferred.settled_by is null
    )
$$;

comment on function landfall.note_migrated is
$$Notes of legacy users that no row waits for them any more.$$;

select landfall.close_doors();
