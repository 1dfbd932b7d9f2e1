import type postgres from "postgres";
import { createDatabase } from "../support/database.ts";

const ORDERS: Record<string, Record<string, unknown>> = {
  "order:1": { items: [{ sku: "pen", qty: 2 }, { sku: "ink", qty: 1 }] },
  "order:2": { items: [{ sku: "pen", qty: 5 }] },
};

/** A store of orders, which a pipeline takes apart into sales and their items. */
export async function setup(orders = ORDERS) {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  const { sql } = database;
  const engine = database.as("service_role");
  await sql.unsafe(SHOP);
  const put = async (key: string, order: Record<string, unknown>) => {
    const value = sql.json({ total: "1.50", ...order } as postgres.JSONValue);
    await sql`
      insert into old_store values (${key}, ${value})
      on conflict (key) do update set value = excluded.value`;
  };
  for (const [key, order] of Object.entries(orders)) await put(key, order);
  const take = (key: string) => sql.unsafe(parts(key));
  await take("key || '/' || lpad(nth::text, 4, '0')");
  await sql.unsafe(DEFINITIONS);
  const running = starting.move();
  return {
    ...database,
    engine,
    /** Puts an order into the store. */
    put,
    /** Makes the view of parts again, with another key. */
    take,
    /** Stages the parts, and returns how many were inserted, updated and deleted. */
    stage: async () => {
      const [row] = await engine`select landfall.stage_parts('shop') as counts`;
      return row!.counts["staging.shop_parts"];
    },
    /** What is staged, by key, and which version of the row it is. */
    stored: async () =>
      (await engine`select ctid::text, row_::text from staging.shop_parts as row_ order by part_key`)
        .map(({ ctid, row_ }) => `${ctid} ${row_}`),
    /** The items that are migrated. */
    items: async () =>
      (await sql`select concat_ws(' ', order_id, nth, sku, qty) from items order by order_id, nth`
        .values())
        .map(([text]) => text),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const SHOP = `
  create table public.old_store (key text primary key, value jsonb not null);
  create view transform.shop_source with (security_invoker = true) as
  select null::text as key, null::jsonb as value where false;
  create table staging.shop_parts (
    part_key text primary key, order_key text not null, nth int not null, item jsonb not null
  );
  create table public.sales (id int primary key, total numeric not null);
  create table public.items (
    order_id int not null references sales, nth int, sku text not null, qty int not null,
    primary key (order_id, nth)
  );
  create view transform.shop_sales with (security_invoker = true) as
  select
    key as source_key, value as source_row, split_part(key, ':', 2)::int as id,
    (value ->> 'total')::numeric as total
  from transform.shop_source;
  create view transform.shop_items with (security_invoker = true) as
  select
    part_key as source_key, item as source_row, split_part(order_key, ':', 2)::int as order_id,
    nth, item ->> 'sku' as sku, (item ->> 'qty')::int as qty
  from staging.shop_parts;`;

const DEFINITIONS = `
  select landfall.define_pipeline('shop', 'Of a test', 'transform.shop_source', '^old_store$');
  select landfall.define_entity('shop', 'sales', 'public.sales');
  select landfall.define_entity('shop', 'items', 'public.items');
  select landfall.define_parts('shop', 'transform.shop_parts', 'staging.shop_parts');
  select landfall.close_doors(), landfall.bind_source('shop');`;

const parts = (key: string) => `
  create or replace view transform.shop_parts with (security_invoker = true) as
  select ${key} as part_key, key as order_key, nth::int as nth, item
  from transform.shop_source
  cross join lateral jsonb_array_elements(value -> 'items') with ordinality as items (item, nth)`;
