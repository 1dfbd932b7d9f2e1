/*
 * Pipeline crm, the transforms: companies, leads, conversions and segments. A row finds its
 * organization by the company it names, so it cannot come to stand with another's.
 *
 * Reads  staging.crm_*, landfall.lineage
 * Writes views in transform
 * Holds  text is trimmed and blank text is null; an id that is no uuid rejects its row alone
 */

create view transform.crm_companies
  with (security_invoker = true)
as
select
  legacy.id as scope_key,
  btrim(legacy.name, E' \t\r\n\f\x0b\u00a0') as label
from staging.crm_companies as legacy;

comment on view transform.crm_companies is
$$The companies of the old CRM, of which a run may take some.$$;


create view transform.crm_organizations
  with (security_invoker = true)
as
select
  legacy.id as source_key,
  to_jsonb(legacy) as source_row,
  legacy.id as scope_key,
  coalesce(btrim(legacy.name, E' \t\r\n\f\x0b\u00a0'), '') as name,
  legacy.created_at,
  legacy.updated_at
from staging.crm_companies as legacy;

comment on view transform.crm_organizations is
$$What a company becomes. Its id is drawn by crm.nanoid() once, and kept by lineage.$$;


create view transform.crm_organization_ids
  with (security_invoker = true)
as
select
  lineage.source_key as company_id,
  lineage.target_key as organization_id
from landfall.lineage
where lineage.entity_id = (
  select entities.id
  from landfall.entities
  where entities.pipeline = 'crm' and entities.name = 'organizations'
);

comment on view transform.crm_organization_ids is
$$The organization that each migrated company has become.

Whoever looks one up says "limit 1": there is one, but a planner that does not know expects a batch
many times as large as it is, and reads whole tables for it.$$;


create view transform.crm_leads
  with (security_invoker = true)
as
select
  legacy.id as source_key,
  to_jsonb(legacy) as source_row,
  legacy.company_id as scope_key,
  legacy.id::uuid as id,
  organizations.organization_id,
  nullif(btrim(legacy.name, blank), '') as name,
  nullif(btrim(legacy.email, blank), '') as email,
  nullif(btrim(legacy.secondary_email, blank), '') as secondary_email,
  nullif(btrim(legacy.phone, blank), '') as phone,
  nullif(btrim(legacy.secondary_phone, blank), '') as secondary_phone,
  nullif(btrim(legacy.company, blank), '') as company,
  nullif(btrim(legacy.job_title, blank), '') as job_title,
  coalesce(nullif(btrim(legacy.import_method, blank), ''), 'unknown') as import_method,
  legacy.id as external_id,
  'legacy_migration' as external_source,
  case
    when cardinality(legacy.tags) > 0 then array(
      select btrim(tags.tag, blank)
      from unnest(legacy.tags) with ordinality as tags (tag, nth)
      where btrim(tags.tag, blank) <> ''
      order by tags.nth
    )
    else '{}'
  end as tags,
  coalesce(upper(nullif(btrim(legacy.fit_score, blank), '')), 'F') as fit_score,
  coalesce(legacy.interest, 0) as interest,
  legacy.number_conversions as total_conversions,
  legacy.first_conversion_date,
  legacy.last_conversion_date,
  nullif(btrim(legacy.first_traffic_source_source, blank), '') as first_conversion_utm_source,
  nullif(btrim(legacy.first_traffic_source_medium, blank), '') as first_conversion_utm_medium,
  nullif(btrim(legacy.first_traffic_source_campaign, blank), '') as first_conversion_utm_campaign,
  nullif(btrim(legacy.first_traffic_source_content, blank), '') as first_conversion_utm_content,
  nullif(btrim(legacy.first_traffic_source_term, blank), '') as first_conversion_utm_term,
  nullif(btrim(legacy.last_traffic_source_source, blank), '') as last_conversion_utm_source,
  nullif(btrim(legacy.last_traffic_source_medium, blank), '') as last_conversion_utm_medium,
  nullif(btrim(legacy.last_traffic_source_campaign, blank), '') as last_conversion_utm_campaign,
  nullif(btrim(legacy.last_traffic_source_content, blank), '') as last_conversion_utm_content,
  nullif(btrim(legacy.last_traffic_source_term, blank), '') as last_conversion_utm_term,
  -- the old CRM has none; given all the same, so that what is stored is what was given
  null::text as notes,
  legacy.created_at,
  -- the old CRM does not say when a lead was changed
  legacy.created_at as updated_at
from staging.crm_leads as legacy
cross join (select E' \t\r\n\f\x0b\u00a0' as blank) as words
left join lateral (
  select ids.organization_id
  from transform.crm_organization_ids as ids
  where ids.company_id = legacy.company_id
  limit 1
) as organizations on true;

comment on view transform.crm_leads is
$$What a lead becomes. Its id stays; its custom fields are rows of their own.$$;


create view transform.crm_conversions
  with (security_invoker = true)
as
select
  legacy.id as source_key,
  to_jsonb(legacy) as source_row,
  legacy.company_id as scope_key,
  legacy.id::uuid as id,
  organizations.organization_id,
  nullif(btrim(legacy.contact_id, blank), '')::uuid as lead_id,
  coalesce(btrim(legacy.conversion_name, blank), '') as name,
  nullif(btrim(legacy.conversion_identifier, blank), '') as identifier,
  legacy.conversion_date as date,
  nullif(legacy.conversion_value, 0) as value,
  nullif(btrim(legacy.source, blank), '') as source,
  nullif(btrim(legacy.traffic_source_source, blank), '') as utm_source,
  nullif(btrim(legacy.traffic_source_medium, blank), '') as utm_medium,
  nullif(btrim(legacy.traffic_source_campaign, blank), '') as utm_campaign,
  nullif(btrim(legacy.traffic_source_content, blank), '') as utm_content,
  nullif(btrim(legacy.traffic_source_term, blank), '') as utm_term,
  nullif(btrim(legacy.traffic_source_channel, blank), '') as utm_channel,
  nullif(btrim(legacy.conversion_url, blank), '') as conversion_url,
  nullif(btrim(legacy.conversion_domain, blank), '') as conversion_domain,
  nullif(btrim(legacy.device, blank), '') as device,
  coalesce(nullif(legacy.payload_raw_json, 'null'), '{}') as raw_payload,
  'legacy_migration' as external_source,
  legacy.conversion_date as created_at
from staging.crm_conversions as legacy
cross join (select E' \t\r\n\f\x0b\u00a0' as blank) as words
left join lateral (
  select ids.organization_id
  from transform.crm_organization_ids as ids
  where ids.company_id = legacy.company_id
  limit 1
) as organizations on true;

comment on view transform.crm_conversions is
$$What a conversion becomes. Leads keep their ids, so it names its lead as before; whether that lead
is of the same organization, the target asks.$$;


create view transform.crm_segments
  with (security_invoker = true)
as
select
  legacy.id as source_key,
  to_jsonb(legacy) as source_row,
  legacy.company_id as scope_key,
  legacy.id,
  organizations.organization_id,
  nullif(btrim(legacy.name, blank), '') as name,
  nullif(btrim(legacy.description, blank), '') as description,
  nullif(legacy.rule_json, 'null') as rule_json,
  legacy.created_at,
  legacy.updated_at
from staging.crm_segments as legacy
cross join (select E' \t\r\n\f\x0b\u00a0' as blank) as words
left join lateral (
  select ids.organization_id
  from transform.crm_organization_ids as ids
  where ids.company_id = legacy.company_id
  limit 1
) as organizations on true;

comment on view transform.crm_segments is
$$What a segment becomes. Its id stays.$$;

select landfall.close_doors();
