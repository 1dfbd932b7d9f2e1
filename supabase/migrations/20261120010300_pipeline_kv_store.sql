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
-- keeps the view apart: a record is decoded once, not once a column that is taken from it, and not
-- at all by who asks for keys alone
with apart as (select)
select
  key,
  value,
  case
    when jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^\s*[[{]'
      then (value #>> '{}')::jsonb
    else value
  end as record,
  E' \t\r\n\f\x0b' as blank,
  '$.** ? (@ like_regex "^\\s|\\s$|^$")'::jsonpath as untidy
from transform.kv_source;

comment on view transform.kv_records is
$$The store's records; one that was encoded twice, as JSON text in a JSON string, is decoded.

blank and untidy serve the transforms: what is trimmed from text, and where text deep inside a
document needs it.$$;


create view transform.kv_clients
  with (security_invoker = true)
as
select
  key as source_key,
  value as source_row,
  split_part(key, ':', 2)::uuid as id,
  nullif(btrim(record ->> 'name', blank), '') as name,
  nullif(btrim(record ->> 'contact_email', blank), '') as contact_email,
  coalesce(nullif(btrim(record ->> 'status', blank), ''), 'active') as status,
  nullif(btrim(record ->> 'client_code', blank), '') as client_code,
  nullif(btrim(record ->> 'client_region', blank), '') as client_region,
  nullif(btrim(record ->> 'client_source_code', blank), '') as client_source_code,
  nullif(btrim(record ->> 'client_contact_name', blank), '') as client_contact_name,
  nullif(btrim(record ->> 'client_contact_phone', blank), '') as client_contact_phone,
  nullif(btrim(record ->> 'client_tax_id', blank), '') as client_tax_id,
  nullif(btrim(record ->> 'client_address_line_1', blank), '') as client_address_line_1,
  nullif(btrim(record ->> 'client_address_line_2', blank), '') as client_address_line_2,
  nullif(btrim(record ->> 'client_address_line_3', blank), '') as client_address_line_3,
  nullif(btrim(record ->> 'client_city', blank), '') as client_city,
  nullif(btrim(record ->> 'client_postal_code', blank), '') as client_postal_code,
  nullif(btrim(record ->> 'client_country_state', blank), '') as client_country_state,
  nullif(btrim(record ->> 'client_country', blank), '') as client_country,
  nullif(btrim(record ->> 'client_account_manager', blank), '') as client_account_manager,
  nullif(btrim(record ->> 'client_account_manager_email', blank), '')
    as client_account_manager_email,
  nullif(btrim(record ->> 'client_implementation_manager', blank), '')
    as client_implementation_manager,
  nullif(btrim(record ->> 'client_implementation_manager_email', blank), '')
    as client_implementation_manager_email,
  nullif(btrim(record ->> 'technology_owner', blank), '') as technology_owner,
  nullif(btrim(record ->> 'technology_owner_email', blank), '') as technology_owner_email,
  nullif(btrim(record ->> 'client_url', blank), '') as client_url,
  nullif(btrim(record ->> 'client_allow_session_timeout_extend', blank), '')::boolean
    as client_allow_session_timeout_extend,
  nullif(btrim(record ->> 'client_authentication_method', blank), '')
    as client_authentication_method,
  nullif(btrim(record ->> 'client_custom_url', blank), '') as client_custom_url,
  nullif(btrim(record ->> 'client_has_employee_data', blank), '')::boolean
    as client_has_employee_data,
  nullif(btrim(record ->> 'client_invoice_type', blank), '') as client_invoice_type,
  nullif(btrim(record ->> 'client_invoice_template_type', blank), '')
    as client_invoice_template_type,
  nullif(btrim(record ->> 'client_po_type', blank), '') as client_po_type,
  nullif(btrim(record ->> 'client_po_number', blank), '') as client_po_number,
  nullif(btrim(record ->> 'client_erp_system', blank), '') as client_erp_system,
  nullif(btrim(record ->> 'client_sso', blank), '') as client_sso,
  nullif(btrim(record ->> 'client_hris_system', blank), '') as client_hris_system,
  nullif(btrim(record ->> 'created_at', blank), '')::timestamptz as created_at,
  nullif(btrim(record ->> 'updated_at', blank), '')::timestamptz as updated_at
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
  nullif(btrim(record ->> 'name', blank), '') as name,
  nullif(btrim(record ->> 'description', blank), '') as description,
  nullif(btrim(record ->> 'type', blank), '') as type,
  coalesce(nullif(btrim(record ->> 'status', blank), ''), 'draft') as status,
  case
    when record -> 'source' @? untidy then landfall.clean_json(record -> 'source')
    else nullif(record -> 'source', 'null')
  end as source,
  case
    when record -> 'settings' @? untidy then landfall.clean_json(record -> 'settings')
    else nullif(record -> 'settings', 'null')
  end as settings,
  nullif(btrim(record ->> 'managedBy', blank), '') as managed_by,
  nullif(btrim(record ->> 'ownerId', blank), '')::uuid as owner_id,
  nullif(btrim(record ->> 'totalProducts', blank), '')::int as total_products,
  nullif(btrim(record ->> 'activeProducts', blank), '')::int as active_products,
  nullif(btrim(record ->> 'lastSyncedAt', blank), '')::timestamptz as last_synced_at,
  nullif(btrim(record ->> 'nextSyncAt', blank), '')::timestamptz as next_sync_at,
  nullif(btrim(record ->> 'createdAt', blank), '')::timestamptz as created_at,
  nullif(btrim(record ->> 'updatedAt', blank), '')::timestamptz as updated_at
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
  nullif(btrim(record ->> 'client_id', blank), '')::uuid as client_id,
  nullif(btrim(record ->> 'catalog_id', blank), '')::uuid as catalog_id,
  nullif(btrim(record ->> 'name', blank), '') as name,
  nullif(btrim(record ->> 'slug', blank), '') as slug,
  coalesce(nullif(btrim(record ->> 'status', blank), ''), 'draft') as status,
  case
    when record -> 'validation_methods' @? untidy
      then landfall.clean_json(record -> 'validation_methods')
    else nullif(record -> 'validation_methods', 'null')
  end as validation_methods,
  case
    when record -> 'branding' @? untidy then landfall.clean_json(record -> 'branding')
    else nullif(record -> 'branding', 'null')
  end as branding,
  nullif(btrim(record ->> 'selection_start_date', blank), '')::date as selection_start_date,
  nullif(btrim(record ->> 'selection_end_date', blank), '')::date as selection_end_date,
  nullif(btrim(record ->> 'site_code', blank), '') as site_code,
  nullif(btrim(record ->> 'site_erp_integration', blank), '') as site_erp_integration,
  nullif(btrim(record ->> 'site_erp_instance', blank), '') as site_erp_instance,
  nullif(btrim(record ->> 'site_ship_from_country', blank), '') as site_ship_from_country,
  nullif(btrim(record ->> 'site_hris_system', blank), '') as site_hris_system,
  nullif(btrim(record ->> 'site_drop_down_name', blank), '') as site_drop_down_name,
  nullif(btrim(record ->> 'site_custom_domain_url', blank), '') as site_custom_domain_url,
  nullif(btrim(record ->> 'site_account_manager', blank), '') as site_account_manager,
  nullif(btrim(record ->> 'site_account_manager_email', blank), '') as site_account_manager_email,
  nullif(btrim(record ->> 'site_celebrations_enabled', blank), '')::boolean
    as site_celebrations_enabled,
  nullif(btrim(record ->> 'allow_session_timeout_extend', blank), '')::boolean
    as allow_session_timeout_extend,
  nullif(btrim(record ->> 'enable_employee_log_report', blank), '')::boolean
    as enable_employee_log_report,
  case
    when record -> 'regional_client_info' @? untidy
      then landfall.clean_json(record -> 'regional_client_info')
    else nullif(record -> 'regional_client_info', 'null')
  end as regional_client_info,
  nullif(btrim(record ->> 'disable_direct_access_auth', blank), '')::boolean
    as disable_direct_access_auth,
  nullif(btrim(record ->> 'sso_provider', blank), '') as sso_provider,
  nullif(btrim(record ->> 'sso_client_office_name', blank), '') as sso_client_office_name,
  nullif(btrim(record ->> 'created_at', blank), '')::timestamptz as created_at,
  nullif(btrim(record ->> 'updated_at', blank), '')::timestamptz as updated_at
from transform.kv_records
where key like 'site:%';

comment on view transform.kv_sites is
$$What a record under site: becomes in public.sites.$$;

select landfall.close_doors();
