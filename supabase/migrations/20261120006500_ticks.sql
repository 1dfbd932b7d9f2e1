/*
 * Chapter 65: ticks. What the schedule does each time: resolve users, and continue the runs that
 * nobody has stopped; through the edge function where it can be called from here, else in SQL.
 *
 * Reads  landfall.runs, vault.decrypted_secrets, net._http_response
 * Writes landfall.ticks, and whatever resolving and runs write
 * Holds  one tick at a time; what goes wrong in one is written down, and the next goes on
 */

create table landfall.ticks (
  id           bigint      not null generated always as identity primary key,
  through      text        not null,
  request_id   bigint,
  linked       bigint      not null default 0,
  runs         jsonb       not null default '[]',
  errors       jsonb       not null default '[]',
  started_at   timestamptz not null default clock_timestamp(),
  finished_at  timestamptz,

  constraint ticks_go_one_way check (through in ('http', 'sql')),

  -- a request is answered later
  constraint ticks_http_has_a_request check ((through = 'http') = (request_id is not null))
);

comment on table landfall.ticks is
$$What the schedule did, tick by tick: the last thousand.$$;
comment on column landfall.ticks.runs is
$$The runs it worked on and the states it left them in: {run: state}, an object for each.$$;
comment on column landfall.ticks.errors is
$$What went wrong: {code, message} each.$$;


create function landfall.vault_secret(name text)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_secret text;
begin
  if to_regclass('vault.decrypted_secrets') is not null then
    execute 'select decrypted_secret from vault.decrypted_secrets where name = $1'
    into v_secret
    using vault_secret.name;
  end if;

  return v_secret;
end
$$;

comment on function landfall.vault_secret is
$$Reads a secret from the Vault; null where there is none.$$;


create function landfall.post_tick(require_sign_in boolean)
  returns bigint
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  -- longer than a function may work
  c_timeout_ms constant int := 150000;
  v_url        constant text := landfall.vault_secret('project_url');
  v_key        constant text := landfall.vault_secret('landfall_secret_key');
  v_request    bigint;
begin
  if v_url is null or v_key is null or to_regproc('net.http_post') is null then
    return null;
  end if;

  execute
    'select net.http_post(url => $1, headers => $2, body => $3, timeout_milliseconds => $4)'
  into v_request
  using
    rtrim(v_url, '/') || '/functions/v1/resolve-users',
    jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key),
    jsonb_build_object(
      'continueRuns', true,
      'requireSignIn', post_tick.require_sign_in,
      'requestedBy', 'the schedule'
    ),
    c_timeout_ms;

  return v_request;
end
$$;

comment on function landfall.post_tick is
$$Calls the edge function resolve-users by pg_net, with project_url and landfall_secret_key from the
Vault, and returns the request's id; null where one of them is missing.$$;


create function landfall.answer_to(request_id bigint)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_answer jsonb;
begin
  if answer_to.request_id is not null and to_regclass('net._http_response') is not null then
    execute 'select to_jsonb(answer) from net._http_response as answer where answer.id = $1'
    into v_answer
    using answer_to.request_id;
  end if;

  return v_answer;
end
$$;

comment on function landfall.answer_to is
$$Finds what pg_net was answered to a request; null while there is no answer, or none any more.$$;


create function landfall.tick(require_sign_in boolean default true, budget_ms int default 30000)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  c_kept     constant int := 1000;
  c_patience constant interval := '150 seconds';
  v_last     landfall.ticks;
  v_request  bigint;
  v_tick     bigint;
  v_linked   bigint := 0;
  v_errors   jsonb := '[]';
  v_done     jsonb;
begin
  -- a tick that takes longer than the time between two is not joined by the next
  if not pg_catalog.pg_try_advisory_xact_lock(hashtext('landfall.tick')) then
    return;
  end if;

  select ticks.* into v_last from landfall.ticks order by ticks.id desc limit 1;

  -- a function that is still at work is not called again
  if v_last.request_id is not null
    and v_last.started_at > clock_timestamp() - c_patience
    and landfall.answer_to(v_last.request_id) is null
  then
    return;
  end if;

  v_request := landfall.post_tick(tick.require_sign_in);

  insert into landfall.ticks (through, request_id)
  values (case when v_request is null then 'sql' else 'http' end, v_request)
  returning id into v_tick;

  delete from landfall.ticks where ticks.id <= v_tick - c_kept;

  if v_request is not null then
    return;
  end if;

  begin
    select coalesce(sum((users.item ->> 'linked')::bigint), 0)
    into v_linked
    from jsonb_array_elements(
      landfall.start_resolution(
        require_sign_in => tick.require_sign_in, requested_by => 'the schedule'
      ) -> 'users'
    ) as users (item);
  exception when others then
    -- runs go on although users cannot be resolved
    v_errors := jsonb_build_array(jsonb_build_object('code', sqlstate, 'message', sqlerrm));
  end;

  v_done := landfall.continue_runs(tick.budget_ms);

  update landfall.ticks
  set
    linked = v_linked,
    runs = v_done -> 'runs',
    errors = v_errors || (v_done -> 'errors'),
    finished_at = clock_timestamp()
  where ticks.id = v_tick;
end
$$;

comment on function landfall.tick is
$$Does what the schedule is there for: resolves users and continues runs. landfall.schedule has it
called.

With pg_net, and project_url and landfall_secret_key in the Vault, the edge function does the work;
else this call does, for about budget_ms.$$;

select landfall.close_doors();
