type Json = Record<string, unknown>;

/** A family of records as a hand-written script knows it. */
export interface Family {
  readonly list: string;
  readonly prefix: string;
  readonly table: string;
  /** What a record, cleaned, becomes in the table. */
  readonly toRow: (record: Json) => Json;
}

const CLIENT = (
  "id,name,contact_email,status,client_code,client_region,client_source_code," +
  "client_contact_name,client_contact_phone,client_tax_id,client_address_line_1," +
  "client_address_line_2,client_address_line_3,client_city,client_postal_code," +
  "client_country_state,client_country,client_account_manager,client_account_manager_email," +
  "client_implementation_manager,client_implementation_manager_email,technology_owner," +
  "technology_owner_email,client_url,client_allow_session_timeout_extend," +
  "client_authentication_method,client_custom_url,client_has_employee_data," +
  "client_invoice_type,client_invoice_template_type,client_po_type,client_po_number," +
  "client_erp_system,client_sso,client_hris_system,created_at,updated_at"
).split(",");

const SITE = (
  "id,client_id,catalog_id,name,slug,status,validation_methods,branding,selection_start_date," +
  "selection_end_date,site_code,site_erp_integration,site_erp_instance," +
  "site_ship_from_country,site_hris_system,site_drop_down_name,site_custom_domain_url," +
  "site_account_manager,site_account_manager_email,site_celebrations_enabled," +
  "allow_session_timeout_extend,enable_employee_log_report,regional_client_info," +
  "disable_direct_access_auth,sso_provider,sso_client_office_name,created_at,updated_at"
).split(",");

const EMPLOYEE = (
  "id,site_id,employee_id,email,serial_card_number,first_name,last_name,status,created_at," +
  "updated_at"
).split(",");

const ORDER = (
  "id,client_id,site_id,employee_id,order_number,customer_name,customer_email," +
  "customer_employee_id,status,total_amount,currency,shipping_address,tracking_number,items," +
  "metadata,notes,created_at,updated_at,confirmed_at,shipped_at,delivered_at,cancelled_at"
).split(",");

/** The families in an order in which parents come before their children. */
export const FAMILIES: readonly Family[] = [
  {
    list: "clients:all",
    prefix: "client:",
    table: "clients",
    toRow: (record) => ({ ...pick(record, CLIENT), status: record.status ?? "active" }),
  },
  { list: "catalogs:all", prefix: "catalogs:", table: "catalogs", toRow: toCatalog },
  {
    list: "sites:all",
    prefix: "site:",
    table: "sites",
    toRow: (record) => ({ ...pick(record, SITE), status: record.status ?? "draft" }),
  },
  { list: "gifts:all", prefix: "gift:", table: "products", toRow: toProduct },
  {
    list: "employees:all",
    prefix: "employee:",
    table: "employees",
    toRow: (record) => ({ ...pick(record, EMPLOYEE), status: record.status ?? "active" }),
  },
  { list: "orders:all", prefix: "order:", table: "orders", toRow: toOrder },
];

function toCatalog(record: Json): Json {
  return {
    id: record.id,
    name: record.name,
    description: record.description,
    type: record.type,
    status: record.status ?? "draft",
    source: record.source,
    settings: record.settings,
    managed_by: record.managedBy,
    owner_id: record.ownerId,
    total_products: record.totalProducts,
    active_products: record.activeProducts,
    last_synced_at: record.lastSyncedAt,
    next_sync_at: record.nextSyncAt,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function toProduct(record: Json): Json {
  const source = (record.source ?? {}) as Json;
  return {
    id: record.id,
    catalog_id: record.catalogId,
    sku: record.sku,
    external_id: source.externalId,
    external_sku: source.externalSku,
    name: record.name,
    description: record.description,
    category: record.category,
    brand: record.brand,
    price: record.price,
    cost: record.cost,
    msrp: record.msrp,
    currency: record.currency ?? "USD",
    images: record.images,
    image_url: record.imageUrl ?? record.image,
    features: record.features,
    specifications: record.specifications,
    available_quantity: record.availableQuantity,
    track_inventory: record.trackInventory ?? true,
    status: record.status ?? "active",
    sync_status: source.syncStatus,
    sync_notes: record.syncNotes,
    last_synced_at: record.lastSyncedAt,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function toOrder(record: Json): Json {
  const row = pick(record, ORDER);
  return {
    ...row,
    product_id: record.gift_id ?? record.product_id,
    order_number: row.order_number ?? `ORD-${String(record.id).replaceAll("-", "").slice(0, 16)}`,
    customer_name: row.customer_name ?? "Unknown",
    status: row.status ?? "pending",
    currency: row.currency ?? "USD",
  };
}

function pick(record: Json, columns: readonly string[]): Json {
  return Object.fromEntries(columns.map((column) => [column, record[column]]));
}
