/*
 * Pipeline crm: the books. What of every company is there, and whether anything stands where it
 * should not.
 *
 * Reads  staging.crm_*, landfall.lineage, the tables of crm
 * Writes views in transform
 * Holds  every row of the source and of the target is counted once
 */

create view transform.crm_source_rows
  with (security_invoker = true)
as
select
  entities.name as entity,
  staged.source_key,
  staged.company_id,
  staged.value,
  lineage.target_key
from landfall.entities
join (
  select
    'organizations' as name, legacy.id as source_key, legacy.id as company_id,
    null::numeric as value
  from staging.crm_companies as legacy

  union all
  select 'leads', legacy.id, legacy.company_id, null
  from staging.crm_leads as legacy

  union all
  select 'conversions', legacy.id, legacy.company_id, legacy.conversion_value
  from staging.crm_conversions as legacy

  union all
  select 'segments', legacy.id, legacy.company_id, null
  from staging.crm_segments as legacy

  union all
  select
    'leads_custom_fields_definitions', legacy.definition_key, legacy.company_id, null
  from staging.crm_custom_fields as legacy
  group by legacy.definition_key, legacy.company_id

  union all
  select 'leads_custom_fields_values', legacy.source_key, legacy.company_id, null
  from staging.crm_custom_fields as legacy
) as staged on staged.name = entities.name
left join landfall.lineage
  on lineage.entity_id = entities.id
  and lineage.source_key = staged.source_key
where entities.pipeline = 'crm';

comment on view transform.crm_source_rows is
$$Every row of the source with its company, and what it has become; null where it has not.$$;


create view transform.crm_target_rows
  with (security_invoker = true)
as
select
  'organizations' as entity,
  organizations.id as target_key,
  organizations.id as organization_id,
  null::numeric as value,
  false as orphaned,
  false as without_contact
from crm.organizations

union all
select
  'leads', leads.id::text, leads.organization_id, null,
  organizations.id is null,
  leads.email is null and leads.phone is null
from crm.leads
left join crm.organizations on organizations.id = leads.organization_id

union all
select
  'conversions', conversions.id::text, conversions.organization_id, conversions.value,
  leads.organization_id is distinct from conversions.organization_id,
  false
from crm.conversions
left join crm.leads on leads.id = conversions.lead_id

union all
select
  'segments', segments.id, segments.organization_id, null, organizations.id is null, false
from crm.segments
left join crm.organizations on organizations.id = segments.organization_id

union all
select
  'leads_custom_fields_definitions', definitions.id::text, definitions.organization_id, null,
  organizations.id is null, false
from crm.leads_custom_fields_definitions as definitions
left join crm.organizations on organizations.id = definitions.organization_id

union all
select
  'leads_custom_fields_values',
  jsonb_build_array(stored.lead_id::text, stored.definition_id::text)::text,
  stored.organization_id, null, leads.id is null or definitions.id is null, false
from crm.leads_custom_fields_values as stored
left join crm.leads
  on leads.id = stored.lead_id
  and leads.organization_id = stored.organization_id
left join crm.leads_custom_fields_definitions as definitions
  on definitions.id = stored.definition_id
  and definitions.organization_id = stored.organization_id;

comment on view transform.crm_target_rows is
$$Every row of the target with its organization. An orphan's organization, lead or definition is not
there, or is another organization's.$$;


create view transform.crm_integrity
  with (security_invoker = true)
as
select
  entity,
  coalesce(source.company_id, theirs.company_id) as company_id,
  min(coalesce(mine.organization_id, target.organization_id)) as organization_id,
  count(source.source_key) as in_source,
  count(*) filter (
    where source.source_key is not null and target.target_key is not null
  ) as migrated,
  count(*) filter (where target.target_key is null) as left_behind,
  count(*) filter (where source.source_key is null) as only_in_target,
  coalesce(sum(source.value), 0) as value_in_source,
  coalesce(sum(target.value), 0) as value_in_target,
  count(*) filter (where target.orphaned) as orphaned,
  count(*) filter (where target.without_contact) as without_contact,
  count(*) filter (
    where source.source_key is not null
      and target.target_key is not null
      and target.organization_id is distinct from mine.organization_id
  ) as misplaced
from transform.crm_source_rows as source
full join transform.crm_target_rows as target using (entity, target_key)
left join transform.crm_organization_ids as mine on mine.company_id = source.company_id
left join transform.crm_organization_ids as theirs
  on theirs.organization_id = target.organization_id
group by entity, coalesce(source.company_id, theirs.company_id);

comment on view transform.crm_integrity is
$$For each table and company: rows and sums of conversion value in the source and in the target.

left_behind was rejected, or not taken by a run yet; only_in_target was not migrated. orphaned,
without_contact and misplaced (a row that stands with another organization than its company's) are
0 in a sound target.$$;

select landfall.close_doors();
