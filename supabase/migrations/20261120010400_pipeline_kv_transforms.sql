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
  nullif(btrim(record ->> 'catalogId', blank), '')::uuid as catalog_id,
  nullif(btrim(record ->> 'sku', blank), '') as sku,
  nullif(btrim(record #>> '{source,externalId}', blank), '') as external_id,
  nullif(btrim(record #>> '{source,externalSku}', blank), '') as external_sku,
  nullif(btrim(record ->> 'name', blank), '') as name,
  nullif(btrim(record ->> 'description', blank), '') as description,
  nullif(btrim(record ->> 'category', blank), '') as category,
  nullif(btrim(record ->> 'brand', blank), '') as brand,
  nullif(btrim(record ->> 'price', blank), '')::numeric(10,2) as price,
  nullif(btrim(record ->> 'cost', blank), '')::numeric(10,2) as cost,
  nullif(btrim(record ->> 'msrp', blank), '')::numeric(10,2) as msrp,
  coalesce(nullif(btrim(record ->> 'currency', blank), ''), 'USD') as currency,
  case
    when record -> 'images' @? untidy then landfall.clean_json(record -> 'images')
    else nullif(record -> 'images', 'null')
  end as images,
  coalesce(
    nullif(btrim(record ->> 'imageUrl', blank), ''),
    nullif(btrim(record ->> 'image', blank), '')
  ) as image_url,
  case
    when record -> 'features' @? untidy then landfall.clean_json(record -> 'features')
    else nullif(record -> 'features', 'null')
  end as features,
  case
    when record -> 'specifications' @? untidy then landfall.clean_json(record -> 'specifications')
    else nullif(record -> 'specifications', 'null')
  end as specifications,
  nullif(btrim(record ->> 'availableQuantity', blank), '')::int as available_quantity,
  coalesce(nullif(btrim(record ->> 'trackInventory', blank), '')::boolean, true) as track_inventory,
  coalesce(nullif(btrim(record ->> 'status', blank), ''), 'active') as status,
  nullif(btrim(record #>> '{source,syncStatus}', blank), '') as sync_status,
  nullif(btrim(record ->> 'syncNotes', blank), '') as sync_notes,
  nullif(btrim(record ->> 'lastSyncedAt', blank), '')::timestamptz as last_synced_at,
  nullif(btrim(record ->> 'createdAt', blank), '')::timestamptz as created_at,
  nullif(btrim(record ->> 'updatedAt', blank), '')::timestamptz as updated_at
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
  nullif(btrim(record ->> 'site_id', blank), '')::uuid as site_id,
  nullif(btrim(record ->> 'employee_id', blank), '') as employee_id,
  nullif(btrim(record ->> 'email', blank), '') as email,
  nullif(btrim(record ->> 'serial_card_number', blank), '') as serial_card_number,
  nullif(btrim(record ->> 'first_name', blank), '') as first_name,
  nullif(btrim(record ->> 'last_name', blank), '') as last_name,
  coalesce(nullif(btrim(record ->> 'status', blank), ''), 'active') as status,
  nullif(btrim(record ->> 'created_at', blank), '')::timestamptz as created_at,
  nullif(btrim(record ->> 'updated_at', blank), '')::timestamptz as updated_at
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
  nullif(btrim(record ->> 'client_id', blank), '')::uuid as client_id,
  nullif(btrim(record ->> 'site_id', blank), '')::uuid as site_id,
  coalesce(
    nullif(btrim(record ->> 'gift_id', blank), ''),
    nullif(btrim(record ->> 'product_id', blank), '')
  )::uuid as product_id,
  nullif(btrim(record ->> 'employee_id', blank), '')::uuid as employee_id,
  coalesce(
    nullif(btrim(record ->> 'order_number', blank), ''),
    -- from the id, so that every run makes the same
    'ORD-' || upper(left(replace(split_part(key, ':', 2), '-', ''), 16))
  ) as order_number,
  coalesce(nullif(btrim(record ->> 'customer_name', blank), ''), 'Unknown') as customer_name,
  nullif(btrim(record ->> 'customer_email', blank), '') as customer_email,
  nullif(btrim(record ->> 'customer_employee_id', blank), '') as customer_employee_id,
  coalesce(nullif(btrim(record ->> 'status', blank), ''), 'pending') as status,
  nullif(btrim(record ->> 'total_amount', blank), '')::numeric(10,2) as total_amount,
  coalesce(nullif(btrim(record ->> 'currency', blank), ''), 'USD') as currency,
  case
    when record -> 'shipping_address' @? untidy
      then landfall.clean_json(record -> 'shipping_address')
    else nullif(record -> 'shipping_address', 'null')
  end as shipping_address,
  nullif(btrim(record ->> 'tracking_number', blank), '') as tracking_number,
  case
    when record -> 'items' @? untidy then landfall.clean_json(record -> 'items')
    else nullif(record -> 'items', 'null')
  end as items,
  case
    when record -> 'metadata' @? untidy then landfall.clean_json(record -> 'metadata')
    else nullif(record -> 'metadata', 'null')
  end as metadata,
  nullif(btrim(record ->> 'notes', blank), '') as notes,
  nullif(btrim(record ->> 'created_at', blank), '')::timestamptz as created_at,
  nullif(btrim(record ->> 'updated_at', blank), '')::timestamptz as updated_at,
  nullif(btrim(record ->> 'confirmed_at', blank), '')::timestamptz as confirmed_at,
  nullif(btrim(record ->> 'shipped_at', blank), '')::timestamptz as shipped_at,
  nullif(btrim(record ->> 'delivered_at', blank), '')::timestamptz as delivered_at,
  nullif(btrim(record ->> 'cancelled_at', blank), '')::timestamptz as cancelled_at
from transform.kv_records
where key like 'order:%';

comment on view transform.kv_orders is
$$What a record under order: becomes in public.orders.$$;

select landfall.close_doors();
