/*
 * Chapter 58: legacy users. Who owned what in the old app, by the ids it gave them; and the account
 * each of them is found to have today.
 *
 * Reads  a pipeline's list of users
 * Writes landfall.legacy_user_map, user_links
 * Holds  a link is never moved from one account to another: it is ended, with who and why
 */

create table landfall.legacy_user_map (
  legacy_user_id    text        not null primary key,
  pipeline          text        not null references landfall.pipelines (name),
  email             text,
  address           text        generated always as
    (nullif(lower(btrim(email, U&' \0009\000A\000D\00A0')), '')) stored,
  supabase_user_id  uuid,
  created_at        timestamptz not null default clock_timestamp(),
  resolved_at       timestamptz,
  migrated_at       timestamptz,

  -- who is resolved has an account
  constraint legacy_user_map_resolved_has_an_account
    check ((resolved_at is null) = (supabase_user_id is null)),

  -- rows are somebody's
  constraint legacy_user_map_migrated_is_resolved
    check (migrated_at is null or resolved_at is not null)
);

create index on landfall.legacy_user_map (pipeline);
create index on landfall.legacy_user_map (address) where supabase_user_id is null;
create index on landfall.legacy_user_map (supabase_user_id) where supabase_user_id is not null;
create index on landfall.legacy_user_map (legacy_user_id)
  where supabase_user_id is not null and migrated_at is null;

comment on table landfall.legacy_user_map is
$$The users of the old apps, each with the account that was found to be theirs.

It stays when runs are rolled back or forgotten: an app may look up a legacy id for ever.$$;
comment on column landfall.legacy_user_map.pipeline is
$$The pipeline that lists the user.$$;
comment on column landfall.legacy_user_map.email is
$$The address as the old app had it; null when it had none, or several.$$;
comment on column landfall.legacy_user_map.address is
$$The address as it is compared: without blanks around it, in lower case.$$;
comment on column landfall.legacy_user_map.migrated_at is
$$When no row waited for the user any more.$$;


create table landfall.user_links (
  id                  bigint      not null generated always as identity primary key,
  legacy_user_id      text        not null references landfall.legacy_user_map (legacy_user_id),
  supabase_user_id    uuid        not null,
  evidence            text        not null,
  address             text,
  email_confirmed_at  timestamptz,
  last_sign_in_at     timestamptz,
  linked_at           timestamptz not null default clock_timestamp(),
  linked_by           text        not null default current_user,
  unlinked_at         timestamptz,
  unlinked_by         text,
  reason              text,

  constraint user_links_evidence_is_known
    check (evidence in ('sign-in', 'confirmed address', 'by hand')),

  -- who ended a link is known
  constraint user_links_unlinked_by_somebody
    check ((unlinked_at is null) = (unlinked_by is null))
);

create unique index user_links_one_standing on landfall.user_links (legacy_user_id)
  where unlinked_at is null;
create index on landfall.user_links (legacy_user_id, supabase_user_id);

comment on table landfall.user_links is
$$How each link between a legacy user and an account was made, by what evidence, when, and how it
ended.$$;
comment on column landfall.user_links.evidence is
$$Sign-in: the address is confirmed, and its owner has signed in since the account was made.
Confirmed address: that alone was asked for. By hand: somebody said so.$$;
comment on column landfall.user_links.reason is
$$Why the link was made by hand, or ended.$$;


create function landfall.define_users(pipeline text, users text, profiles text default null)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_users     regclass := landfall.find_relation(define_users.users);
  v_profiles  regclass := landfall.find_relation(define_users.profiles);
  v_problem   text;
begin
  perform landfall.check_pipeline(define_users.pipeline);

  v_problem := case
    when v_users is null
      then format('there is no view %s', define_users.users)
    when (
      select count(*) <> 2
      from landfall.columns_of(v_users) as columns
      where (columns.name, type) in (('legacy_user_id', 'text'), ('email', 'text'))
    )
      then format('%s lacks legacy_user_id text or email text', v_users)
    when define_users.profiles is not null and v_profiles is null
      then format('there is no table %s', define_users.profiles)
    when v_profiles is not null and not exists (
      select
      from landfall.columns_of(v_profiles) as columns
      where (columns.name, type) = ('id', 'uuid')
    )
      then format('%s lacks id uuid', v_profiles)
    when not has_table_privilege('service_role', v_profiles, 'select')
      then format('service_role may not read %s', v_profiles)
  end;

  if v_problem is not null then
    raise exception using
      errcode = 'LF102',
      message = format('Cannot define the users of pipeline %s: %s', pipeline, v_problem),
      detail  = 'A list of users has legacy_user_id text and email text; profiles have id uuid.',
      hint    = 'Mend the view or the table, then define the users again.';
  end if;

  update landfall.pipelines
  set
    users = v_users::text,
    profiles = v_profiles::text
  where pipelines.name = define_users.pipeline;
end
$$;

comment on function landfall.define_users is
$$Names the view that lists a pipeline's legacy users: legacy_user_id text and email text.

Rows whose transform has one of these ids in waiting_for are deferred until landfall.resolve_users
has found the account; then the transform finds it in landfall.legacy_user_map. profiles is a table
with a row for each account, keyed by its id, that must be there first. Raises LF101, LF102.$$;


create function landfall.list_users(pipeline text)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_users   text := (
    select pipelines.users from landfall.pipelines where pipelines.name = list_users.pipeline
  );
  v_counts  jsonb;
  v_clash   record;
begin
  if v_users is null then
    return null;
  end if;

  execute format(
    $sql$
      with listed as materialized (
        select
          legacy_user_id,
          count(*) as times,
          -- whose addresses differ has none that can be trusted
          case when count(distinct addresses.address) = 1
            then min(email) filter (where addresses.address is not null) end as email
        from %s
        cross join lateral (
          -- as landfall.legacy_user_map has it
          select nullif(lower(btrim(email, U&' \0009\000A\000D\00A0')), '') as address
        ) as addresses
        group by legacy_user_id
      ),

      written as (
        insert into landfall.legacy_user_map as known (legacy_user_id, pipeline, email)
        select listed.legacy_user_id, $1, listed.email
        from listed
        where listed.legacy_user_id is not null
        on conflict (legacy_user_id) do update
        set email = excluded.email
        where known.pipeline = excluded.pipeline
          and known.supabase_user_id is null
          and known.email is distinct from excluded.email
        returning xmax = 0 as added
      )

      select jsonb_build_object(
        'listed', count(*) filter (where listed.legacy_user_id is not null),
        'added', (select count(*) from written where written.added),
        'changed', (select count(*) from written where not written.added),
        'nameless', coalesce(sum(listed.times) filter (where listed.legacy_user_id is null), 0),
        'doubled', count(*) filter (where listed.legacy_user_id is not null and listed.times > 1)
      )
      from listed
    $sql$,
    v_users   -- a view, quoted by Postgres
  )
  into v_counts
  using list_users.pipeline;

  execute format(
    $sql$
      select known.legacy_user_id, known.pipeline
      from landfall.legacy_user_map as known
      where known.pipeline <> $1
        and known.legacy_user_id in (select legacy_user_id from %s)
      limit 1
    $sql$,
    v_users   -- a view, quoted by Postgres
  )
  into v_clash
  using list_users.pipeline;

  if v_clash.pipeline is not null then
    raise exception using
      errcode = 'LF601',
      message = format(
        'Pipelines %s and %s list users of the same id', list_users.pipeline, v_clash.pipeline
      ),
      detail  = format('One of them is legacy user %s.', v_clash.legacy_user_id),
      hint    = 'Put a prefix before the ids in one of their transforms; or, if these are the same '
                'people, define users for one of the pipelines only.';
  end if;

  return v_counts;
end
$$;

comment on function landfall.list_users is
$$Takes up a pipeline's legacy users in landfall.legacy_user_map, and new addresses of those who
have no account yet; returns {listed, added, changed, nameless, doubled}.

Nobody is taken out. Raises LF601 when another pipeline lists one of the ids.$$;

select landfall.close_doors();
