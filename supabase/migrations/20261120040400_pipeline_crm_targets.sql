/*
 * Pipeline crm: what hangs on leads and organizations: conversions, segments, custom fields.
 *
 * Reads  nothing
 * Writes crm.conversions, segments, leads_custom_fields_definitions, leads_custom_fields_values
 * Holds  the database itself refuses what is of another organization than its lead or its field
 */

create table crm.conversions (
  id                     uuid        not null default gen_random_uuid() primary key,
  organization_id        text        not null,
  lead_id                uuid        not null,
  name                   text        not null,
  identifier             text,
  date                   timestamptz,
  value                  numeric,
  source                 text,
  utm_source             text,
  utm_medium             text,
  utm_campaign           text,
  utm_content            text,
  utm_term               text,
  utm_channel            text,
  conversion_url         text,
  conversion_domain      text,
  device                 text,
  raw_payload            jsonb       not null default '{}',
  external_source        text,
  idempotency_hash       text        not null default '',
  created_at             timestamptz default now(),

  -- the organization is its lead's, which has one: a foreign key of its own would ask a second time
  foreign key (organization_id, lead_id) references crm.leads (organization_id, id),

  constraint conversions_missing_name check (name <> '')
);

create index on crm.conversions (organization_id, lead_id);
create index on crm.conversions (idempotency_hash);

comment on table crm.conversions is
$$What leads have done: filled a form, bought, booked.$$;
comment on column crm.conversions.idempotency_hash is
$$Md5 of organization, lead, name, identifier and date, filled when a conversion comes without one:
whoever takes conversions from outside looks here for one that was sent twice. Not unique, since
what the old CRM has twice stays.$$;
comment on constraint conversions_organization_id_lead_id_fkey on crm.conversions is
$$conversions_orphaned: its company has no such lead$$;
comment on constraint conversions_missing_name on crm.conversions is
$$conversions_missing_name: the conversion has no name$$;

-- nobody may enter yet: write policies for those who may
alter table crm.conversions enable row level security;
revoke all on crm.conversions from public, anon, authenticated;
grant select, insert, update, delete on crm.conversions to service_role;


create function crm.fill_idempotency_hash()
  returns trigger
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  -- lengths in front keep ('a', 'bc') and ('ab', 'c') apart; seconds of the epoch have no time zone
  new.idempotency_hash := md5(concat_ws(
    '|', new.organization_id, new.lead_id, coalesce(length(new.name), 0), new.name,
    coalesce(length(new.identifier), 0), new.identifier, extract(epoch from new.date)
  ));
  return new;
end
$$;

comment on function crm.fill_idempotency_hash is
$$Fills a conversion's idempotency_hash.$$;

revoke all on function crm.fill_idempotency_hash() from public, anon, authenticated;

create trigger fill_idempotency_hash
  before insert on crm.conversions
  for each row when (coalesce(new.idempotency_hash, '') = '')
  execute function crm.fill_idempotency_hash();


create table crm.segments (
  id               text        not null default gen_random_uuid()::text primary key,
  organization_id  text        not null references crm.organizations (id),
  name             text,
  description      text,
  rule_json        jsonb,
  created_at       timestamptz default now(),
  updated_at       timestamptz default now()
);

create index on crm.segments (organization_id);

comment on table crm.segments is
$$Named rules that pick some of an organization's leads.$$;

-- nobody may enter yet: write policies for those who may
alter table crm.segments enable row level security;
revoke all on crm.segments from public, anon, authenticated;
grant select, insert, update, delete on crm.segments to service_role;


create table crm.leads_custom_fields_definitions (
  id               uuid    not null default gen_random_uuid() primary key,
  organization_id  text    not null references crm.organizations (id),
  field_key        text    not null,
  label            text    not null,
  type             text    not null,
  is_required      boolean not null default false,

  unique (organization_id, field_key),

  -- what a value names, so that it can only be of its field's organization
  unique (organization_id, id),

  constraint definitions_field_key_is_snake_case check (field_key ~ '^[a-z0-9]+(_[a-z0-9]+)*$'),
  constraint definitions_type_is_known check (type in ('text', 'number', 'boolean', 'date'))
);

comment on table crm.leads_custom_fields_definitions is
$$The fields that an organization has added to its leads.$$;

-- nobody may enter yet: write policies for those who may
alter table crm.leads_custom_fields_definitions enable row level security;
revoke all on crm.leads_custom_fields_definitions from public, anon, authenticated;
grant select, insert, update, delete on crm.leads_custom_fields_definitions to service_role;


create table crm.leads_custom_fields_values (
  organization_id  text not null,
  lead_id          uuid not null,
  definition_id    uuid not null,
  value            text,

  primary key (lead_id, definition_id),

  foreign key (organization_id, lead_id) references crm.leads (organization_id, id),
  foreign key (organization_id, definition_id)
    references crm.leads_custom_fields_definitions (organization_id, id)
);

create index on crm.leads_custom_fields_values (organization_id, lead_id);
create index on crm.leads_custom_fields_values (organization_id, definition_id);

comment on constraint leads_custom_fields_values_organization_id_lead_id_fkey
  on crm.leads_custom_fields_values is
$$values_orphaned: its company has no such lead$$;
comment on table crm.leads_custom_fields_values is
$$The values of those fields, as text; null where a lead has the field and nothing in it.$$;

-- nobody may enter yet: write policies for those who may
alter table crm.leads_custom_fields_values enable row level security;
revoke all on crm.leads_custom_fields_values from public, anon, authenticated;
grant select, insert, update, delete on crm.leads_custom_fields_values to service_role;

select landfall.close_doors();
