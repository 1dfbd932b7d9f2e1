/*
 * Pipeline crm: its entities, its rules, and the companies that a run may take one by one.
 *
 * Reads  the transforms of crm
 * Writes landfall.pipelines, entities, rules
 * Holds  a row whose company has not become an organization says so
 */

select landfall.define_pipeline(
  name => 'crm',
  description => 'The companies of a CRM in Postgres, each an organization with its leads'
);
select landfall.define_entity(
  pipeline => 'crm', name => 'organizations', target => 'crm.organizations'
);
select landfall.define_entity(
  pipeline => 'crm', name => 'leads', target => 'crm.leads'
);
select landfall.define_entity(
  pipeline => 'crm', name => 'conversions', target => 'crm.conversions', sums => '{value}'
);
select landfall.define_entity(
  pipeline => 'crm', name => 'segments', target => 'crm.segments'
);
select landfall.define_entity(
  pipeline => 'crm', name => 'leads_custom_fields_definitions',
  target => 'crm.leads_custom_fields_definitions'
);
select landfall.define_entity(
  pipeline => 'crm', name => 'leads_custom_fields_values',
  target => 'crm.leads_custom_fields_values'
);


select landfall.define_rule(
  pipeline => 'crm', entity => 'organizations', name => 'organizations_inactive',
  action => 'finding',
  reason => 'organizations_inactive: the company is not active',
  query => $$
    select legacy.id as source_key
    from staging.crm_companies as legacy
    where lower(btrim(legacy.active)) in ('f', 'false')
  $$
);
select landfall.define_rule(
  pipeline => 'crm', entity => 'organizations', name => 'organizations_active_unclear',
  action => 'finding',
  reason => 'organizations_active_unclear: whether the company is active is not said',
  query => $$
    select legacy.id as source_key
    from staging.crm_companies as legacy
    where (lower(btrim(legacy.active)) in ('t', 'true', 'f', 'false')) is not true
  $$
);

select landfall.define_rule(
  pipeline => 'crm', entity => 'leads', name => 'leads_missing_contact',
  action => 'reject',
  reason => 'leads_missing_contact: the lead has neither an e-mail address nor a phone',
  condition => $$email is not null or phone is not null$$
);
select landfall.define_rule(
  pipeline => 'crm', entity => 'leads', name => 'leads_orphaned',
  action => 'reject',
  reason => 'leads_orphaned: its company has not become an organization',
  condition => $$organization_id is not null$$
);
select landfall.define_rule(
  pipeline => 'crm', entity => 'leads', name => 'leads_custom_fields_no_object',
  action => 'finding',
  reason => 'leads_custom_fields_no_object: its custom fields are no JSON object and stay behind',
  query => $$
    select legacy.id as source_key
    from staging.crm_leads as legacy
    where jsonb_typeof(legacy.custom_fields) not in ('object', 'null')
  $$
);

select landfall.define_rule(
  pipeline => 'crm', entity => 'conversions', name => 'conversions_orphaned',
  action => 'reject',
  reason => 'conversions_orphaned: it names no lead',
  condition => $$lead_id is not null$$
);
select landfall.define_rule(
  pipeline => 'crm', entity => 'conversions', name => 'conversions_without_organization',
  action => 'reject',
  reason => 'conversions_without_organization: its company has not become an organization',
  condition => $$organization_id is not null$$
);

select landfall.define_rule(
  pipeline => 'crm', entity => 'segments', name => 'segments_orphaned',
  action => 'reject',
  reason => 'segments_orphaned: its company has not become an organization',
  condition => $$organization_id is not null$$
);

select landfall.define_rule(
  pipeline => 'crm', entity => 'leads_custom_fields_definitions', name => 'definitions_orphaned',
  action => 'reject',
  reason => 'definitions_orphaned: its company has not become an organization',
  condition => $$organization_id is not null$$
);
select landfall.define_rule(
  pipeline => 'crm', entity => 'leads_custom_fields_values', name => 'values_without_definition',
  action => 'reject',
  reason => 'values_without_definition: its field has not become a definition',
  condition => $$definition_id is not null$$
);

select landfall.define_scopes(
  pipeline => 'crm',
  scopes => 'transform.crm_companies',
  columns => '{
    "companies": "id",
    "leads": "company_id",
    "conversions": "company_id",
    "segments": "company_id"
  }'
);

select landfall.close_doors();
