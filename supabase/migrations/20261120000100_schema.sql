/*
 * Chapter 1: the schemas, and who may enter them.
 *
 * Reads  nothing
 * Writes schemas landfall, staging, transform
 * Holds  anon and authenticated enter none of the three; service_role enters them all
 */

create schema landfall;
create schema staging;
create schema transform;

comment on schema landfall is
$$The engine: catalog, runs, batches, lineage, rejects, and the functions that move rows.

Exposed to the Data API for rpc. Only service_role may call.$$;

comment on schema staging is
$$Landing tables. Importers write here and nowhere else. Never exposed.$$;

comment on schema transform is
$$One view per entity: what a legacy row becomes. Never exposed.$$;

revoke all on schema landfall, staging, transform from public, anon, authenticated;
grant usage on schema landfall, staging, transform to service_role;


create function landfall.is_closed(acl aclitem[], privileges text[])
  returns boolean
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return is_closed.acl is not null
    and not exists (
      select
      from pg_catalog.aclexplode(is_closed.acl) as granted
      where granted.grantee in (0, 'anon'::regrole, 'authenticated'::regrole)
    )
    and (
      select count(*) = cardinality(is_closed.privileges)
      from pg_catalog.aclexplode(is_closed.acl) as granted
      where granted.grantee = 'service_role'::regrole
        and granted.privilege_type = any (is_closed.privileges)
    );
end
$$;

comment on function landfall.is_closed is
$$Whether public, anon and authenticated have nothing of an object, and service_role has these
privileges.$$;


create function landfall.close_doors()
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_object record;
begin
  for v_object in
    select relations.oid::regclass as name, relations.relkind as kind
    from pg_catalog.pg_class as relations
    where relations.relnamespace in
          ('landfall'::regnamespace, 'staging'::regnamespace, 'transform'::regnamespace)
      and relations.relkind in ('r', 'p', 'v', 'f')
      and pg_catalog.pg_get_userbyid(relations.relowner) = current_user
      -- what is closed already is left alone: Postgres would write it anew all the same, and what
      -- only its owner writes would be opened
      and (
        not landfall.is_closed(relations.relacl, array['SELECT'])
        or relations.relkind in ('r', 'p') and not relations.relrowsecurity
      )
  loop
    execute format('revoke all on %s from public, anon, authenticated', v_object.name);
    execute format('grant select, insert, update, delete on %s to service_role', v_object.name);

    if v_object.kind in ('r', 'p') then
      execute format('alter table %s enable row level security', v_object.name);
    end if;
  end loop;

  for v_object in
    select functions.oid::regprocedure as name
    from pg_catalog.pg_proc as functions
    where functions.pronamespace in ('landfall'::regnamespace, 'transform'::regnamespace)
      and pg_catalog.pg_get_userbyid(functions.proowner) = current_user
      and not landfall.is_closed(functions.proacl, array['EXECUTE'])
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_object.name);
    execute format('grant execute on function %s to service_role', v_object.name);
  end loop;
end
$$;

comment on function landfall.close_doors is
$$Closes everything in landfall, staging and transform to all but service_role.

Every migration that makes an object there ends by calling it: default privileges
per schema cannot take away what PUBLIC has, so it is done object by object. Calling
it again changes nothing.$$;

select landfall.close_doors();
