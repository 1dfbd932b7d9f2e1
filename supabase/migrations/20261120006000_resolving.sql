/*
 * Chapter 60: resolving. Legacy users are linked to their accounts, and the rows that waited for
 * them become due.
 *
 * Reads  landfall.legacy_user_map, arrivals
 * Writes landfall.legacy_user_map, user_links
 * Holds  resolving twice, or twice at a time, is resolving once
 */

create function landfall.link_users(pipeline text, require_sign_in boolean, requested_by text)
  returns jsonb
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  with matches as materialized (
    select * from landfall.match_users(link_users.pipeline, link_users.require_sign_in)
  ),

  ready as (
    select matches.* from matches where matches.verdict = 'ready'
  ),

  linked as (
    insert into landfall.user_links (
      legacy_user_id, supabase_user_id, evidence, address, email_confirmed_at, last_sign_in_at,
      linked_by
    )
    select
      ready.legacy_user_id, ready.supabase_user_id,
      case when link_users.require_sign_in then 'sign-in' else 'confirmed address' end,
      ready.address, ready.email_confirmed_at, ready.last_sign_in_at, link_users.requested_by
    from ready
    returning user_links.*
  ),

  resolved as (
    update landfall.legacy_user_map
    set
      supabase_user_id = linked.supabase_user_id,
      resolved_at = linked.linked_at
    from linked
    where legacy_user_map.legacy_user_id = linked.legacy_user_id
  ),

  -- accounts that several legacy users have come to
  shared as (
    select owners.supabase_user_id, jsonb_agg(owners.legacy_user_id order by owners.legacy_user_id)
      as ids
    from (
      select linked.supabase_user_id, linked.legacy_user_id
      from linked

      union all
      select earlier.supabase_user_id, earlier.legacy_user_id
      from landfall.legacy_user_map as earlier
      where earlier.supabase_user_id in (select linked.supabase_user_id from linked)
    ) as owners
    group by owners.supabase_user_id
    having count(*) > 1
  )

  select jsonb_build_object(
    'pipeline', link_users.pipeline,
    'linked', (select count(*) from linked),
    'links', (
      select coalesce(jsonb_agg(
        jsonb_build_object(
          'legacyUserId', listed.legacy_user_id,
          'supabaseUserId', listed.supabase_user_id,
          'address', listed.address,
          'evidence', listed.evidence
        )
        order by listed.legacy_user_id
      ), '[]')
      from (select linked.* from linked order by linked.legacy_user_id limit 100) as listed
    ),
    'shared', (
      select coalesce(jsonb_agg(
        jsonb_build_object(
          'supabaseUserId', listed.supabase_user_id, 'legacyUserIds', listed.ids
        )
        order by listed.ids
      ), '[]')
      from (select shared.* from shared order by shared.ids limit 100) as listed
    ),
    'ambiguous', (
      select coalesce(jsonb_agg(
        jsonb_build_object(
          'legacyUserId', listed.legacy_user_id,
          'address', listed.address,
          'accounts', listed.accounts
        )
        order by listed.legacy_user_id
      ), '[]')
      from (
        select matches.*
        from matches
        where matches.accounts > 1
        order by matches.legacy_user_id
        limit 100
      ) as listed
    ),
    'waiting', (
      select jsonb_build_object(
        'users', total.users,
        'reasons', jsonb_strip_nulls(jsonb_build_object(
          'the address is unknown', nullif(total.nowhere, 0),
          'unlinked by hand', nullif(total.unlinked, 0),
          'no account has the address',
            nullif(total.users - total.nowhere - total.met - total.unlinked, 0)
        )) || total.reasons
      )
      from (
        select
          count(*) - (select count(*) from ready) as users,
          count(*) filter (where legacy_user_map.address is null) as nowhere,
          (select count(*) from matches where matches.verdict <> 'ready') as met,
          (
            select count(distinct ended.legacy_user_id)
            from landfall.user_links as ended
            join landfall.legacy_user_map as owners
              on owners.legacy_user_id = ended.legacy_user_id
            where ended.unlinked_at is not null
              and owners.pipeline = link_users.pipeline
              and owners.supabase_user_id is null
              and owners.address is not null
              and ended.legacy_user_id not in (select matches.legacy_user_id from matches)
          ) as unlinked,
          (
            select coalesce(jsonb_object_agg(counted.verdict, counted.count), '{}')
            from (
              select matches.verdict, count(*) as count
              from matches
              where matches.verdict <> 'ready'
              group by matches.verdict
            ) as counted
          ) as reasons
        from landfall.legacy_user_map
        where legacy_user_map.pipeline = link_users.pipeline
          and legacy_user_map.supabase_user_id is null
      ) as total
    )
  )
$$;

comment on function landfall.link_users is
$$Links the legacy users of a pipeline whose account is found, and reports: {pipeline, linked,
links, shared, ambiguous, waiting}, at most 100 of each list.$$;


create function landfall.begin_resolution(
  pipeline text,
  require_sign_in boolean,
  requested_by text
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_users jsonb;
begin
  if begin_resolution.pipeline is not null then
    perform landfall.check_pipeline(begin_resolution.pipeline);
  end if;

  -- two at a time would link the same users
  perform pg_catalog.pg_advisory_xact_lock(hashtext('landfall.resolve_users'));

  select coalesce(
    jsonb_agg(
      landfall.link_users(
        pipelines.name, begin_resolution.require_sign_in,
        coalesce(begin_resolution.requested_by, current_user)
      )
      order by pipelines.name
    ),
    '[]'
  )
  into v_users
  from landfall.pipelines
  where pipelines.users is not null
    and (begin_resolution.pipeline is null or pipelines.name = begin_resolution.pipeline);

  if begin_resolution.pipeline is not null and v_users = '[]' then
    raise exception using
      errcode = 'LF602',
      message = format('Pipeline %s has no legacy users', begin_resolution.pipeline),
      detail  = 'It does not say where they are listed.',
      hint    = 'Call landfall.define_users in its migration, or name another pipeline.';
  end if;

  perform landfall.note_migrated();

  return v_users;
end
$$;

comment on function landfall.begin_resolution is
$$Links the users of one pipeline or all, and reports each pipeline as landfall.link_users does.
Raises LF101, LF602.$$;


create function landfall.due_pipelines(pipeline text)
  returns table (name text, run_id bigint, options jsonb)
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select due.pipeline, runs.id, runs.options
  from (
    select entities.pipeline
    from landfall.arrivals
    join landfall.entities on entities.id = arrivals.entity_id

    -- a run may have loaded all that was due, and not have ended yet
    union
    select begun.pipeline
    from landfall.runs as begun
    where begun.state in ('planned', 'running')
      and begun.options @> '{"resolved": true}'
  ) as due
  left join landfall.runs
    on runs.pipeline = due.pipeline
    and runs.state in (select run_states.name from landfall.run_states where run_states.active)
  where due_pipelines.pipeline is null or due.pipeline = due_pipelines.pipeline
  order by due.pipeline
$$;

comment on function landfall.due_pipelines is
$$Lists the pipelines with rows whose owner is known now, or a run for such rows that has not ended,
each with its active run, if it has one.$$;

select landfall.close_doors();
