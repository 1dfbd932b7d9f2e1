/*
 * Pipeline kv, the transforms: what a record becomes in the tables of what is given.
 *
 * Reads  transform.kv_records
 * Writes views in transform
 * Holds  the id is the one in the key; whatever does not cast is rejected, alone
 */

create view transform.kv_products
  with (security_invoker = true)
as
select
  key as source_key,
  value as source_row,
  split_part(key, ':', 2)::uuid as id,
  (record ->> 'catalogId')::uuid as catalog_id,
  record ->> 'sku' as sku,
  record #>> '{source,externalId}' as external_id,
  record #>> '{source,externalSku}' as external_sku,
  record ->> 'name' as name,
  record ->> 'description' as description,
  record ->> 'category' as category,
  record ->> 'brand' as brand,
  (record ->> 'price')::numeric(10,2) as price,
  (record ->> 'cost')::numeric(10,2) as cost,
  (record ->> 'msrp')::numeric(10,2) as msrp,
  coalesce(record ->> 'currency', 'USD') as currency,
  nullif(record -> 'images', 'null') as images,
  coalesce(record ->> 'imageUrl', record ->> 'image') as image_url,
  nullif(record -> 'features', 'null') as features,
  nullif(record -> 'specifications', 'null') as specifications,
  (record ->> 'availableQuantity')::int as available_quantity,
  coalesce((record ->> 'trackInventory')::boolean, true) as track_inventory,
  coalesce(record ->> 'status', 'active') as status,
  record #>> '{source,syncStatus}' as sync_status,
  record ->> 'syncNotes' as sync_notes,
  (record ->> 'lastSyncedAt')::timestamptz as last_synced_at,
  (record ->> 'createdAt')::timestamptz as created_at,
  (record ->> 'updatedAt')::timestamptz as updated_at
from transform.kv_records
where key like 'gift:%';

comment on view transform.kv_products is
$$What a record under gift: becomes in public.products.$$;


create view transform.kv_employees
  with (security_invoker = true)
as
select
  key as source_key,
  value as source_row,
  split_part(key, ':', 2)::uuid as id,
  (record ->> 'site_id')::uuid as site_id,
  record ->> 'employee_id' as employee_id,
  record ->> 'email' as email,
  record ->> 'serial_card_number' as serial_card_number,
  record ->> 'first_name' as first_name,
  record ->> 'last_name' as last_name,
  coalesce(record ->> 'status', 'active') as status,
  (record ->> 'created_at')::timestamptz as created_at,
  (record ->> 'updated_at')::timestamptz as updated_at
from transform.kv_records
where key like 'employee:%';

comment on view transform.kv_employees is
$$What a record under employee: becomes in public.employees.$$;


create view transform.kv_orders
  with (security_invoker = true)
as
select
  key as source_key,
  value as source_row,
  split_part(key, ':', 2)::uuid as id,
  (record ->> 'client_id')::uuid as client_id,
  (record ->> 'site_id')::uuid as site_id,
  coalesce(record ->> 'gift_id', record ->> 'product_id')::uuid as product_id,
  (record ->> 'employee_id')::uuid as employee_id,
  coalesce(
    record ->> 'order_number',
    -- from the id, so that every run makes the same
    'ORD-' || upper(left(replace(split_part(key, ':', 2), '-', ''), 16))
  ) as order_number,
  coalesce(record ->> 'customer_name', 'Unknown') as customer_name,
  record ->> 'customer_email' as customer_email,
  record ->> 'customer_employee_id' as customer_employee_id,
  coalesce(record ->> 'status', 'pending') as status,
  (record ->> 'total_amount')::numeric(10,2) as total_amount,
  coalesce(record ->> 'currency', 'USD') as currency,
  nullif(record -> 'shipping_address', 'null') as shipping_address,
  record ->> 'tracking_number' as tracking_number,
  nullif(record -> 'items', 'null') as items,
  nullif(record -> 'metadata', 'null') as metadata,
  record ->> 'notes' as notes,
  (record ->> 'created_at')::timestamptz as created_at,
  (record ->> 'updated_at')::timestamptz as updated_at,
  (record ->> 'confirmed_at')::timestamptz as confirmed_at,
  (record ->> 'shipped_at')::timestamptz as shipped_at,
  (record ->> 'delivered_at')::timestamptz as delivered_at,
  (record ->> 'cancelled_at')::timestamptz as cancelled_at
from transform.kv_records
where key like 'order:%';

comment on view transform.kv_orders is
$$What a record under order: becomes in public.orders.$$;

select landfall.close_doors();
