/*
 * Pipeline crm: the organizations of the new CRM, and their leads.
 *
 * Reads  nothing
 * Writes schema crm; crm.organizations, leads (empty)
 * Holds  an organization's id is drawn, never counted; a lead is of one organization
 */

create schema if not exists crm;
grant usage on schema crm to service_role;

comment on schema crm is
$$The new CRM: organizations and what is theirs.$$;


create function crm.nanoid()
  returns text
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select string_agg(
    substr('0123456789abcdefghijklmnopqrstuvwxyz', 1 + chosen.byte % 36, 1), ''
  )
  from (
    select get_byte(drawn.bytes, places.place) as byte
    from (
      select uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) as bytes
    ) as drawn
    -- bytes 6 and 8 of a uuid hold its version and its variant
    cross join unnest(array[
      0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15,
      16, 17, 18, 19, 20, 21, 23, 25, 26, 27, 28, 29, 30, 31
    ]) as places (place)
    -- 252 is 7 times 36: beyond it, some characters would come more often than others
    where get_byte(drawn.bytes, places.place) < 252
    limit 12
  ) as chosen
$$;

comment on function crm.nanoid is
$$Draws an id of 12 characters, each of a to z and 0 to 9 with the same chance, from the random bits
of Postgres's own uuids, which a cryptographic generator makes.

Among n ids, two are alike with a chance of about n² / (2 · 36¹²), which is one in ten million for
a million ids. The primary key refuses such a clash: a migration rejects the row, and the next run
draws it another id.$$;

revoke all on function crm.nanoid() from public, anon, authenticated;
grant execute on function crm.nanoid() to service_role;


create table crm.organizations (
  id          text        not null default crm.nanoid() primary key,
  name        text        not null,
  created_at  timestamptz default now(),
  updated_at  timestamptz default now(),

  constraint organizations_id_is_a_nanoid check (id ~ '^[a-z0-9]{12}$'),
  constraint organizations_missing_name check (name <> '')
);

comment on table crm.organizations is
$$The customers of the CRM.$$;
comment on constraint organizations_missing_name on crm.organizations is
$$organizations_missing_name: the company has no name$$;

-- nobody may enter yet: write policies for those who may
alter table crm.organizations enable row level security;
revoke all on crm.organizations from public, anon, authenticated;
grant select, insert, update, delete on crm.organizations to service_role;


create table crm.leads (
  id                             uuid        not null default gen_random_uuid() primary key,
  organization_id                text        not null references crm.organizations (id),
  name                           text,
  email                          text,
  secondary_email                text,
  phone                          text,
  secondary_phone                text,
  company                        text,
  job_title                      text,
  import_method                  text        not null default 'unknown',
  external_id                    text,
  external_source                text,
  tags                           text[]      not null default '{}',
  fit_score                      text        not null default 'F',
  interest                       int         not null default 0,
  total_conversions              int,
  first_conversion_date          timestamptz,
  last_conversion_date           timestamptz,
  first_conversion_utm_source    text,
  first_conversion_utm_medium    text,
  first_conversion_utm_campaign  text,
  first_conversion_utm_content   text,
  first_conversion_utm_term      text,
  last_conversion_utm_source     text,
  last_conversion_utm_medium     text,
  last_conversion_utm_campaign   text,
  last_conversion_utm_content    text,
  last_conversion_utm_term       text,
  notes                          text,
  created_at                     timestamptz default now(),
  updated_at                     timestamptz default now(),

  -- what a conversion names, so that it can only be of its lead's organization
  unique (organization_id, id)
);

comment on table crm.leads is
$$The people an organization knows of.$$;
comment on column crm.leads.external_id is
$$The id in external_source.$$;
comment on column crm.leads.external_source is
$$Where the lead was brought from; legacy_migration for the old CRM.$$;
comment on constraint leads_organization_id_id_key on crm.leads is
$$the organization has this lead already$$;

-- nobody may enter yet: write policies for those who may
alter table crm.leads enable row level security;
revoke all on crm.leads from public, anon, authenticated;
grant select, insert, update, delete on crm.leads to service_role;

select landfall.close_doors();
