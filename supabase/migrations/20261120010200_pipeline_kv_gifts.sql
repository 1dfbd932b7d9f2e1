/*
 * Pipeline kv, the target: the tables of what is given, and to whom.
 *
 * Reads  public.clients, catalogs, sites
 * Writes public.products, employees, orders
 * Holds  what the app took for granted, as constraints; a constraint's comment is what a reject
 *        says, so each is written as the fault
 */

create extension if not exists pg_trgm with schema extensions;

create table public.products (
  id                  uuid           not null primary key,
  catalog_id          uuid           not null references public.catalogs (id),
  sku                 text           not null,
  external_id         text,
  external_sku        text,
  name                text           not null,
  description         text,
  category            text,
  brand               text,
  price               numeric(10,2)  not null,
  cost                numeric(10,2),
  msrp                numeric(10,2),
  currency            text           not null default 'USD',
  images              jsonb,
  image_url           text,
  features            jsonb,
  specifications      jsonb,
  available_quantity  int,
  track_inventory     boolean        not null default true,
  status              text           not null default 'active',
  is_active           boolean        generated always as (status = 'active') stored,
  sync_status         text,
  sync_notes          text,
  last_synced_at      timestamptz,
  created_at          timestamptz    default now(),
  updated_at          timestamptz    default now(),

  constraint products_catalog_id_sku_key unique (catalog_id, sku),
  constraint products_name_check check (char_length(name) >= 2),
  constraint products_price_check check (price >= 0),
  constraint products_cost_check check (cost >= 0),
  constraint products_msrp_check check (msrp >= 0),
  constraint products_available_quantity_check check (available_quantity >= 0),
  constraint products_status_check
    check (status in ('active', 'inactive', 'out_of_stock', 'discontinued')),
  constraint products_sync_status_check
    check (sync_status in ('synced', 'modified', 'conflict', 'manual'))
);

create index products_category_idx on public.products (catalog_id, category, price);
create index products_name_idx on public.products using gin (name extensions.gin_trgm_ops);

comment on table public.products is $$Gifts to choose from.$$;
comment on constraint products_catalog_id_sku_key on public.products is
$$sku is another product's of the catalog$$;
comment on constraint products_name_check on public.products is
$$name is shorter than two characters$$;
comment on constraint products_price_check on public.products is $$price is negative$$;
comment on constraint products_cost_check on public.products is $$cost is negative$$;
comment on constraint products_msrp_check on public.products is $$msrp is negative$$;
comment on constraint products_available_quantity_check on public.products is
$$available_quantity is negative$$;
comment on constraint products_status_check on public.products is
$$status is not active, inactive, out_of_stock or discontinued$$;
comment on constraint products_sync_status_check on public.products is
$$sync_status is not synced, modified, conflict or manual$$;


create table public.employees (
  id                  uuid        not null primary key,
  site_id             uuid        not null references public.sites (id),
  employee_id         text        not null,
  email               text,
  serial_card_number  text,
  first_name          text,
  last_name           text,
  status              text        not null default 'active',
  created_at          timestamptz default now(),
  updated_at          timestamptz default now(),

  constraint employees_site_id_employee_id_key unique (site_id, employee_id),
  constraint employees_email_check
    check (email ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$'),
  constraint employees_status_check check (status in ('active', 'inactive'))
);

comment on table public.employees is $$People who choose a gift on a site.$$;
comment on constraint employees_site_id_employee_id_key on public.employees is
$$employee_id is another employee's of the site$$;
comment on constraint employees_email_check on public.employees is
$$email is no e-mail address$$;
comment on constraint employees_status_check on public.employees is
$$status is not active or inactive$$;


create table public.orders (
  id                    uuid           not null primary key,
  client_id             uuid           not null references public.clients (id),
  site_id               uuid           not null references public.sites (id),
  product_id            uuid           references public.products (id),
  employee_id           uuid           references public.employees (id),
  order_number          text           not null,
  customer_name         text           not null default 'Unknown',
  customer_email        text,
  customer_employee_id  text,
  status                text           not null default 'pending',
  total_amount          numeric(10,2)  not null,
  currency              text           not null default 'USD',
  shipping_address      jsonb,
  tracking_number       text,
  items                 jsonb,
  metadata              jsonb,
  notes                 text,
  created_at            timestamptz    default now(),
  updated_at            timestamptz    default now(),
  confirmed_at          timestamptz,
  shipped_at            timestamptz,
  delivered_at          timestamptz,
  cancelled_at          timestamptz,

  constraint orders_order_number_key unique (order_number),
  constraint orders_customer_email_check
    check (customer_email ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$'),
  constraint orders_status_check
    check (status in ('pending', 'confirmed', 'processing', 'shipped', 'delivered', 'cancelled')),
  constraint orders_total_amount_check check (total_amount >= 0),
  constraint orders_event_check check (
    case status
      when 'confirmed' then confirmed_at is not null
      when 'shipped' then shipped_at is not null
      when 'delivered' then delivered_at is not null
      when 'cancelled' then cancelled_at is not null
      else true
    end
  )
);

create index orders_client_id_idx on public.orders (client_id, created_at);
create index orders_site_id_idx on public.orders (site_id);
create index orders_product_id_idx on public.orders (product_id);
create index orders_employee_id_idx on public.orders (employee_id);

comment on table public.orders is $$Gifts chosen.$$;
comment on constraint orders_order_number_key on public.orders is
$$order_number is another order's$$;
comment on constraint orders_customer_email_check on public.orders is
$$customer_email is no e-mail address$$;
comment on constraint orders_status_check on public.orders is
$$status is not pending, confirmed, processing, shipped, delivered or cancelled$$;
comment on constraint orders_total_amount_check on public.orders is
$$total_amount is negative$$;
comment on constraint orders_event_check on public.orders is
$$status names an event that has no time$$;



-- nobody but the server reads these tables until the app says who may
do $$
declare
  v_table text;
begin
  foreach v_table in array array['products', 'employees', 'orders'] loop
    execute format('alter table public.%I enable row level security', v_table);
    execute format('revoke all on public.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
  end loop;
end
$$;
