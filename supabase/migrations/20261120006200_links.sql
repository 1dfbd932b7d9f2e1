/*
 * Chapter 62: links by hand. Who knows better links a legacy user to an account, or ends a link;
 * with it go the rows that came by it.
 *
 * Reads  landfall.legacy_user_map, auth.users
 * Writes landfall.legacy_user_map, user_links, runs; the targets through runs
 * Holds  a link that was ended is not made again by itself
 */

create function landfall.check_account(pipeline text, supabase_user_id uuid)
  returns void
  language plpgsql
  stable
  -- definer: service_role may not read auth.users on every project
  security definer
  set search_path = ''
as $$
declare
  v_profiles constant regclass := landfall.find_profiles(check_account.pipeline);
  v_there    boolean := true;
  v_problem  text;
begin
  if not exists (
    select
    from auth.users
    where users.id = check_account.supabase_user_id and users.deleted_at is null
  ) then
    v_problem := 'there is no such account';
  elsif v_profiles is not null then
    execute format(
      'select exists (select from %s where id = $1)',
      v_profiles   -- regclass, quoted by Postgres
    )
    into v_there
    using check_account.supabase_user_id;
    v_problem := case when not v_there then format('it has no row in %s', v_profiles) end;
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF604',
      message = format('Cannot link to account %s: %s', supabase_user_id, v_problem),
      hint    = 'Name the id of an account in auth.users that has signed in.';
  end if;
end
$$;

comment on function landfall.check_account is
$$Raises LF604 when there is no such account, or it has no profile.$$;


create function landfall.find_legacy_user(legacy_user_id text)
  returns landfall.legacy_user_map
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_user landfall.legacy_user_map;
begin
  -- not while others are being linked
  perform pg_catalog.pg_advisory_xact_lock(hashtext('landfall.resolve_users'));

  select legacy_user_map.*
  into v_user
  from landfall.legacy_user_map
  where legacy_user_map.legacy_user_id = find_legacy_user.legacy_user_id;

  if v_user.legacy_user_id is null then
    raise exception using
      errcode = 'LF603',
      message = format('There is no legacy user %s', coalesce(legacy_user_id, '(null)')),
      hint    = 'Name a legacy_user_id of landfall.legacy_user_map.';
  end if;

  return v_user;
end
$$;

comment on function landfall.find_legacy_user is
$$Finds a legacy user, and keeps others from linking it meanwhile. Raises LF603.$$;


create function landfall.link_user(
  legacy_user_id text,
  supabase_user_id uuid,
  reason text default null,
  requested_by text default null
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_user constant landfall.legacy_user_map := landfall.find_legacy_user(link_user.legacy_user_id);
  v_now  constant timestamptz := clock_timestamp();
begin
  if v_user.supabase_user_id is not null then
    raise exception using
      errcode = 'LF604',
      message = format('Legacy user %s has an account already', v_user.legacy_user_id),
      detail  = format('It is linked to %s since %s.', v_user.supabase_user_id, v_user.resolved_at),
      hint    = 'End that link first: unlink-user.';
  end if;

  perform landfall.check_account(v_user.pipeline, link_user.supabase_user_id);

  insert into landfall.user_links (
    legacy_user_id, supabase_user_id, evidence, address, linked_at, linked_by, reason
  )
  values (
    v_user.legacy_user_id, link_user.supabase_user_id, 'by hand', v_user.address, v_now,
    coalesce(link_user.requested_by, current_user), link_user.reason
  );

  update landfall.legacy_user_map
  set
    supabase_user_id = link_user.supabase_user_id,
    resolved_at = v_now
  where legacy_user_map.legacy_user_id = v_user.legacy_user_id;

  return jsonb_build_object(
    'legacyUserId', v_user.legacy_user_id,
    'supabaseUserId', link_user.supabase_user_id,
    'waiting', (
      select count(*)
      from landfall.deferred
      where deferred.waiting_for = v_user.legacy_user_id and deferred.settled_by is null
    )
  );
end
$$;

comment on function landfall.link_user is
$$Links a legacy user to an account by hand, and returns {legacyUserId, supabaseUserId, waiting};
the rows that wait are loaded by landfall.resolve_users. Raises LF603, LF604.$$;


create function landfall.unlink_user(
  legacy_user_id text,
  dry_run boolean default false,
  reason text default null,
  requested_by text default null
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '140s'
as $$
declare
  c_forever constant int := 1000000000;
  v_user    constant landfall.legacy_user_map :=
    landfall.find_legacy_user(unlink_user.legacy_user_id);
  v_options constant jsonb := jsonb_strip_nulls(
    jsonb_build_object('unlinked', true, 'requestedBy', unlink_user.requested_by)
  );
  v_name    text;
  v_run     bigint;
  v_runs    jsonb := '[]';
begin
  if v_user.supabase_user_id is null then
    raise exception using
      errcode = 'LF604',
      message = format('Legacy user %s has no account to be unlinked from', v_user.legacy_user_id),
      hint    = 'Look into landfall.user_links for the links there were.';
  end if;

  begin
    update landfall.user_links
    set
      unlinked_at = clock_timestamp(),
      unlinked_by = coalesce(unlink_user.requested_by, current_user),
      reason = coalesce(unlink_user.reason, user_links.reason)
    where user_links.legacy_user_id = v_user.legacy_user_id
      and user_links.unlinked_at is null;

    update landfall.legacy_user_map
    set
      supabase_user_id = null,
      resolved_at = null,
      migrated_at = null
    where legacy_user_map.legacy_user_id = v_user.legacy_user_id;

    -- whichever pipeline's rows have followed the user
    for v_name in
      select distinct entities.pipeline
      from landfall.entities
      join lateral landfall.columns_of(to_regclass(entities.transform)) as columns
        on columns.name = 'waiting_for'
      where exists (select from landfall.lineage where lineage.entity_id = entities.id)
      order by entities.pipeline
    loop
      if unlink_user.dry_run then
        v_runs := v_runs || jsonb_build_array(landfall.dry_run(v_name, v_options));
      else
        v_run := landfall.start_run(v_name, v_options) ->> 'runId';
        v_runs := v_runs || jsonb_build_array(landfall.finish_run(v_run, c_forever));
      end if;
    end loop;

    if unlink_user.dry_run then
      raise exception using errcode = 'LFEND', message = 'The dry run ends here';
    end if;
  exception when sqlstate 'LFEND' then
    -- everything but the report is undone
    null;
  end;

  return jsonb_build_object(
    'legacyUserId', v_user.legacy_user_id,
    'supabaseUserId', v_user.supabase_user_id,
    'dryRun', unlink_user.dry_run,
    'runs', v_runs
  );
end
$$;

comment on function landfall.unlink_user is
$$Ends the link between a legacy user and an account, and deletes the rows that came by it, with
before images: they wait again. Rows that were changed since, or are referred to, are left and
listed.

dry_run does all of it, undoes it and reports it. Returns {legacyUserId, supabaseUserId, dryRun,
runs}; a run's roll-back brings the rows back. Raises LF603, LF604, and LF202 while a pipeline
concerned has an active run.$$;

select landfall.close_doors();
