/*
 * Pipeline crm: what is imported from the old CRM's Postgres. Every table names the company a row
 * belongs to, so that an import may read some companies and leave the others.
 *
 * Reads  nothing
 * Writes staging.crm_companies, crm_leads, crm_conversions, crm_segments (empty)
 * Holds  ids are text: one that is no uuid costs its own row, not the import
 */

create table staging.crm_companies (
  id          text not null primary key,
  name        text,
  active      text,
  created_at  timestamptz,
  updated_at  timestamptz
);

comment on table staging.crm_companies is
$$The companies of the old CRM.$$;


create table staging.crm_leads (
  id                             text not null primary key,
  company_id                     text,
  name                           text,
  email                          text,
  secondary_email                text,
  phone                          text,
  secondary_phone                text,
  company                        text,
  job_title                      text,
  import_method                  text,
  tags                           text[],
  fit_score                      text,
  interest                       int,
  number_conversions             int,
  first_conversion_date          timestamptz,
  last_conversion_date           timestamptz,
  first_traffic_source_source    text,
  first_traffic_source_medium    text,
  first_traffic_source_campaign  text,
  first_traffic_source_content   text,
  first_traffic_source_term      text,
  last_traffic_source_source     text,
  last_traffic_source_medium     text,
  last_traffic_source_campaign   text,
  last_traffic_source_content    text,
  last_traffic_source_term       text,
  custom_fields                  jsonb,
  created_at                     timestamptz
);

-- finds the rows of a batch that takes one company
create index on staging.crm_leads (company_id, id);

comment on table staging.crm_leads is
$$The leads of the old CRM, each with its company.$$;


create table staging.crm_conversions (
  id                       text not null primary key,
  company_id               text,
  contact_id               text,
  conversion_name          text,
  conversion_identifier    text,
  conversion_date          timestamptz,
  conversion_value         numeric,
  source                   text,
  traffic_source_source    text,
  traffic_source_medium    text,
  traffic_source_campaign  text,
  traffic_source_content   text,
  traffic_source_term      text,
  traffic_source_channel   text,
  conversion_url           text,
  conversion_domain        text,
  device                   text,
  payload_raw_json         jsonb
);

-- finds the rows of a batch that takes one company
create index on staging.crm_conversions (company_id, id);

comment on table staging.crm_conversions is
$$The conversions of the old CRM, each with its company and the lead that converted.$$;


create table staging.crm_segments (
  id           text not null primary key,
  company_id   text,
  name         text,
  description  text,
  rule_json    jsonb,
  created_at   timestamptz,
  updated_at   timestamptz
);

-- finds the rows of a batch that takes one company
create index on staging.crm_segments (company_id, id);

comment on table staging.crm_segments is
$$The segments of the old CRM, each with its company.$$;

select landfall.close_doors();
