/*
 * Pipeline crm, the transforms: custom fields, each defined once for a company, and their values.
 *
 * Reads  staging.crm_custom_fields, landfall.lineage
 * Writes views in transform
 * Holds  a company's keys that are alike in snake case are one field
 */

create view transform.crm_leads_custom_fields_definitions
  with (security_invoker = true)
as
select
  legacy.definition_key as source_key,
  jsonb_build_object(
    'company_id', legacy.company_id,
    'field_key', legacy.field_key,
    'json_keys', legacy.json_keys,
    'kinds', legacy.kinds
  ) as source_row,
  legacy.company_id as scope_key,
  organizations.organization_id,
  legacy.field_key,
  coalesce(nullif(btrim(legacy.first_key, E' \t\r\n\f\x0b\u00a0'), ''), legacy.field_key) as label,
  case when legacy.least_kind = legacy.greatest_kind then legacy.least_kind else 'text' end as type,
  false as is_required
from (
  select
    fields.definition_key,
    fields.company_id,
    fields.field_key,
    min(fields.json_key collate "C") as first_key,
    min(fields.kind collate "C") as least_kind,
    max(fields.kind collate "C") as greatest_kind,
    jsonb_agg(distinct fields.json_key) as json_keys,
    jsonb_agg(distinct fields.kind) as kinds
  from staging.crm_custom_fields as fields
  group by fields.definition_key, fields.company_id, fields.field_key
) as legacy
left join lateral (
  select ids.organization_id
  from transform.crm_organization_ids as ids
  where ids.company_id = legacy.company_id
  limit 1
) as organizations on true;

comment on view transform.crm_leads_custom_fields_definitions is
$$What the custom fields of a company's leads become that have one key in snake case: a definition,
of the type that all their values have. Nulls and blank texts have none; values of several types, or
no value at all, make a text.$$;


create view transform.crm_leads_custom_fields_values
  with (security_invoker = true)
as
select
  legacy.source_key,
  to_jsonb(legacy) as source_row,
  legacy.company_id as scope_key,
  organizations.organization_id,
  legacy.lead_id::uuid as lead_id,
  definitions.definition_id,
  nullif(btrim(legacy.value #>> '{}', E' \t\r\n\f\x0b\u00a0'), '') as value
from staging.crm_custom_fields as legacy
left join lateral (
  select lineage.target_key::uuid as definition_id
  from landfall.lineage
  where lineage.entity_id = (
      select entities.id
      from landfall.entities
      where entities.pipeline = 'crm' and entities.name = 'leads_custom_fields_definitions'
    )
    and lineage.source_key = legacy.definition_key
  limit 1
) as definitions on true
left join lateral (
  select ids.organization_id
  from transform.crm_organization_ids as ids
  where ids.company_id = legacy.company_id
  limit 1
) as organizations on true;

comment on view transform.crm_leads_custom_fields_values is
$$What a custom field of a lead becomes: a text as it is, anything else as its JSON.$$;

select landfall.close_doors();
