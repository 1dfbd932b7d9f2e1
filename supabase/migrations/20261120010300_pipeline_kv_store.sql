/*
 * Pipeline kv, the transforms: the store's records, cleaned, and what they become in the
 * tables of the giver.
 *
 * Reads  the store, through transform.kv_source
 * Writes staging.kv_store (empty), views in transform
 * Holds  the id is the one in the key; whatever does not cast is rejected, alone
 */

create table staging.kv_store (
  key    text  not null primary key,
  value  jsonb not null
);

comment on table staging.kv_store is
$$A store that was imported from a file.$$;


create view transform.kv_source
  with (security_invoker = true)
as
select
  key,
  value
from staging.kv_store;

comment on view transform.kv_source is
$$The store that the pipeline reads. landfall.bind_source points it at the project's own table.$$;


create view transform.kv_records
  with (security_invoker = true)
as
select
  kv_source.key,
  kv_source.value,
  cleaned.record
from transform.kv_source
-- once a row, not once a column: offset keeps the steps apart
cross join lateral (
  select
    case
      when decoded.record @? '$.** ? (@ like_regex "^\\s|\\s$|^$")'
        then landfall.clean_json(decoded.record)
      else decoded.record
    end as record
  from (
    select
      case
        when jsonb_typeof(kv_source.value) = 'string' and kv_source.value #>> '{}' ~ '^\s*[[{]'
          then (kv_source.value #>> '{}')::jsonb
        else kv_source.value
      end as record
    offset 0
  ) as decoded
  offset 0
) as cleaned;

comment on view transform.kv_records is
$$The store's records: text trimmed and empty text null at every depth. A record that was encoded
twice, as JSON text in a JSON string, is decoded.$$;


create view transform.kv_clients
  with (security_invoker = true)
as
select
  key as source_key,
  value as source_row,
  split_part(key, ':', 2)::uuid as id,
  record ->> 'name' as name,
  record ->> 'contact_email' as contact_email,
  coalesce(record ->> 'status', 'active') as status,
  record ->> 'client_code' as client_code,
  record ->> 'client_region' as client_region,
  record ->> 'client_source_code' as client_source_code,
  record ->> 'client_contact_name' as client_contact_name,
  record ->> 'client_contact_phone' as client_contact_phone,
  record ->> 'client_tax_id' as client_tax_id,
  record ->> 'client_address_line_1' as client_address_line_1,
  record ->> 'client_address_line_2' as client_address_line_2,
  record ->> 'client_address_line_3' as client_address_line_3,
  record ->> 'client_city' as client_city,
  record ->> 'client_postal_code' as client_postal_code,
  record ->> 'client_country_state' as client_country_state,
  record ->> 'client_country' as client_country,
  record ->> 'client_account_manager' as client_account_manager,
  record ->> 'client_account_manager_email' as client_account_manager_email,
  record ->> 'client_implementation_manager' as client_implementation_manager,
  record ->> 'client_implementation_manager_email' as client_implementation_manager_email,
  record ->> 'technology_owner' as technology_owner,
  record ->> 'technology_owner_email' as technology_owner_email,
  record ->> 'client_url' as client_url,
  (record ->> 'client_allow_session_timeout_extend')::boolean
    as client_allow_session_timeout_extend,
  record ->> 'client_authentication_method' as client_authentication_method,
  record ->> 'client_custom_url' as client_custom_url,
  (record ->> 'client_has_employee_data')::boolean as client_has_employee_data,
  record ->> 'client_invoice_type' as client_invoice_type,
  record ->> 'client_invoice_template_type' as client_invoice_template_type,
  record ->> 'client_po_type' as client_po_type,
  record ->> 'client_po_number' as client_po_number,
  record ->> 'client_erp_system' as client_erp_system,
  record ->> 'client_sso' as client_sso,
  record ->> 'client_hris_system' as client_hris_system,
  (record ->> 'created_at')::timestamptz as created_at,
  (record ->> 'updated_at')::timestamptz as updated_at
from transform.kv_records
where key like 'client:%';

comment on view transform.kv_clients is
$$What a record under client: becomes in public.clients.$$;


create view transform.kv_catalogs
  with (security_invoker = true)
as
select
  key as source_key,
  value as source_row,
  split_part(key, ':', 2)::uuid as id,
  record ->> 'name' as name,
  record ->> 'description' as description,
  record ->> 'type' as type,
  coalesce(record ->> 'status', 'draft') as status,
  nullif(record -> 'source', 'null') as source,
  nullif(record -> 'settings', 'null') as settings,
  record ->> 'managedBy' as managed_by,
  (record ->> 'ownerId')::uuid as owner_id,
  (record ->> 'totalProducts')::int as total_products,
  (record ->> 'activeProducts')::int as active_products,
  (record ->> 'lastSyncedAt')::timestamptz as last_synced_at,
  (record ->> 'nextSyncAt')::timestamptz as next_sync_at,
  (record ->> 'createdAt')::timestamptz as created_at,
  (record ->> 'updatedAt')::timestamptz as updated_at
from transform.kv_records
where key like 'catalogs:%' and key <> 'catalogs:all';

comment on view transform.kv_catalogs is
$$What a record under catalogs: becomes in public.catalogs.$$;


create view transform.kv_sites
  with (security_invoker = true)
as
select
  key as source_key,
  value as source_row,
  split_part(key, ':', 2)::uuid as id,
  (record ->> 'client_id')::uuid as client_id,
  (record ->> 'catalog_id')::uuid as catalog_id,
  record ->> 'name' as name,
  record ->> 'slug' as slug,
  coalesce(record ->> 'status', 'draft') as status,
  nullif(record -> 'validation_methods', 'null') as validation_methods,
  nullif(record -> 'branding', 'null') as branding,
  (record ->> 'selection_start_date')::date as selection_start_date,
  (record ->> 'selection_end_date')::date as selection_end_date,
  record ->> 'site_code' as site_code,
  record ->> 'site_erp_integration' as site_erp_integration,
  record ->> 'site_erp_instance' as site_erp_instance,
  record ->> 'site_ship_from_country' as site_ship_from_country,
  record ->> 'site_hris_system' as site_hris_system,
  record ->> 'site_drop_down_name' as site_drop_down_name,
  record ->> 'site_custom_domain_url' as site_custom_domain_url,
  record ->> 'site_account_manager' as site_account_manager,
  record ->> 'site_account_manager_email' as site_account_manager_email,
  (record ->> 'site_celebrations_enabled')::boolean as site_celebrations_enabled,
  (record ->> 'allow_session_timeout_extend')::boolean as allow_session_timeout_extend,
  (record ->> 'enable_employee_log_report')::boolean as enable_employee_log_report,
  nullif(record -> 'regional_client_info', 'null') as regional_client_info,
  (record ->> 'disable_direct_access_auth')::boolean as disable_direct_access_auth,
  record ->> 'sso_provider' as sso_provider,
  record ->> 'sso_client_office_name' as sso_client_office_name,
  (record ->> 'created_at')::timestamptz as created_at,
  (record ->> 'updated_at')::timestamptz as updated_at
from transform.kv_records
where key like 'site:%';

comment on view transform.kv_sites is
$$What a record under site: becomes in public.sites.$$;

select landfall.close_doors();
