/*
 * Pipeline kv, the target: six tables for what an app kept in one key-value store; here those
 * that belong to the giver.
 *
 * Reads  nothing
 * Writes public.clients, catalogs, sites
 * Holds  what the app took for granted, as constraints; a constraint's comment is what a reject
 *        says, so each is written as the fault
 */

create table public.clients (
  id                                   uuid        not null primary key,
  name                                 text        not null,
  contact_email                        text,
  status                               text        not null default 'active',
  client_code                          text,
  client_region                        text,
  client_source_code                   text,
  client_contact_name                  text,
  client_contact_phone                 text,
  client_tax_id                        text,
  client_address_line_1                text,
  client_address_line_2                text,
  client_address_line_3                text,
  client_city                          text,
  client_postal_code                   text,
  client_country_state                 text,
  client_country                       text,
  client_account_manager               text,
  client_account_manager_email         text,
  client_implementation_manager        text,
  client_implementation_manager_email  text,
  technology_owner                     text,
  technology_owner_email               text,
  client_url                           text,
  client_allow_session_timeout_extend  boolean,
  client_authentication_method         text,
  client_custom_url                    text,
  client_has_employee_data             boolean,
  client_invoice_type                  text,
  client_invoice_template_type         text,
  client_po_type                       text,
  client_po_number                     text,
  client_erp_system                    text,
  client_sso                           text,
  client_hris_system                   text,
  created_at                           timestamptz default now(),
  updated_at                           timestamptz default now(),

  constraint clients_client_code_key unique (client_code),
  constraint clients_name_check check (char_length(name) >= 2),
  constraint clients_contact_email_check
    check (contact_email ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$'),
  constraint clients_status_check check (status in ('active', 'inactive'))
);

comment on table public.clients is $$Companies that give gifts.$$;
comment on constraint clients_client_code_key on public.clients is
$$client_code is another client's$$;
comment on constraint clients_name_check on public.clients is
$$name is shorter than two characters$$;
comment on constraint clients_contact_email_check on public.clients is
$$contact_email is no e-mail address$$;
comment on constraint clients_status_check on public.clients is
$$status is not active or inactive$$;


create table public.catalogs (
  id               uuid        not null primary key,
  name             text        not null,
  description      text,
  type             text        not null,
  status           text        not null default 'draft',
  source           jsonb,
  settings         jsonb,
  managed_by       text,
  owner_id         uuid,
  total_products   int,
  active_products  int,
  last_synced_at   timestamptz,
  next_sync_at     timestamptz,
  created_at       timestamptz default now(),
  updated_at       timestamptz default now(),

  constraint catalogs_name_check check (char_length(name) >= 2),
  constraint catalogs_type_check check (type in ('erp', 'manual', 'vendor', 'dropship')),
  constraint catalogs_status_check
    check (status in ('draft', 'active', 'inactive', 'syncing', 'error')),
  constraint catalogs_products_check
    check (total_products >= 0 and active_products between 0 and total_products)
);

comment on table public.catalogs is $$Sets of products.$$;
comment on constraint catalogs_name_check on public.catalogs is
$$name is shorter than two characters$$;
comment on constraint catalogs_type_check on public.catalogs is
$$type is not erp, manual, vendor or dropship$$;
comment on constraint catalogs_status_check on public.catalogs is
$$status is not draft, active, inactive, syncing or error$$;
comment on constraint catalogs_products_check on public.catalogs is
$$active_products is not between 0 and total_products$$;


create table public.sites (
  id                            uuid        not null primary key,
  client_id                     uuid        not null references public.clients (id),
  catalog_id                    uuid        references public.catalogs (id),
  name                          text        not null,
  slug                          text        not null,
  status                        text        not null default 'draft',
  validation_methods            jsonb,
  branding                      jsonb,
  selection_start_date          date,
  selection_end_date            date,
  site_code                     text,
  site_erp_integration          text,
  site_erp_instance             text,
  site_ship_from_country        text,
  site_hris_system              text,
  site_drop_down_name           text,
  site_custom_domain_url        text,
  site_account_manager          text,
  site_account_manager_email    text,
  site_celebrations_enabled     boolean,
  allow_session_timeout_extend  boolean,
  enable_employee_log_report    boolean,
  regional_client_info          jsonb,
  disable_direct_access_auth    boolean,
  sso_provider                  text,
  sso_client_office_name        text,
  created_at                    timestamptz default now(),
  updated_at                    timestamptz default now(),

  constraint sites_slug_key unique (slug),
  constraint sites_name_check check (char_length(name) >= 2),
  constraint sites_slug_check check (slug ~ '^[a-z0-9-]{2,100}$'),
  constraint sites_status_check check (status in ('draft', 'active', 'inactive')),
  constraint sites_selection_check check (selection_start_date < selection_end_date)
);

create index sites_client_id_idx on public.sites (client_id);
create index sites_catalog_id_idx on public.sites (catalog_id);

comment on table public.sites is $$Where a client's employees choose their gifts.$$;
comment on constraint sites_slug_key on public.sites is $$slug is another site's$$;
comment on constraint sites_name_check on public.sites is
$$name is shorter than two characters$$;
comment on constraint sites_slug_check on public.sites is
$$slug is not 2 to 100 lower case letters, digits or hyphens$$;
comment on constraint sites_status_check on public.sites is
$$status is not draft, active or inactive$$;
comment on constraint sites_selection_check on public.sites is
$$selection_start_date is not before selection_end_date$$;



-- nobody but the server reads these tables until the app says who may
do $$
declare
  v_table text;
begin
  foreach v_table in array array['clients', 'catalogs', 'sites'] loop
    execute format('alter table public.%I enable row level security', v_table);
    execute format('revoke all on public.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
  end loop;
end
$$;
