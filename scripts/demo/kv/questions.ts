import type postgres from "postgres";
import type { Reading } from "./ask_store.ts";
import type { SupabaseClient } from "./data_api.ts";

/** A question an app asks every day, on both sides. */
export interface Question {
  readonly title: string;
  /** What is read of the store to answer it. */
  readonly store: Reading;
  /** Asks the tables; one request. */
  tables(client: SupabaseClient): PromiseLike<Answer>;
}

interface Answer {
  readonly data: unknown[] | null;
  readonly error: { readonly message: string } | null;
}

/** What a list of products shows; a store gives a record whole or not at all. */
const LISTED = "id, sku, name, category, price, image_url, is_active";

const PRODUCTS = { list: "gifts:all", prefix: "gift:", share: 1 };
const ORDERS = { list: "orders:all", prefix: "order:", share: 1 };

/**
 * The questions, about rows that are there: the largest catalog, a client with many orders, an
 * order from the middle of the list.
 *
 * @param table The store.
 */
export async function questionsAbout(sql: postgres.Sql, table: string): Promise<Question[]> {
  const [catalog] = await sql<{ id: string }[]>`
    select catalog_id as id from public.products group by 1 order by count(*) desc, 1 limit 1
  `;
  const [client] = await sql<{ id: string }[]>`
    select client_id as id from public.orders group by 1 order by count(*) desc, 1 limit 1
  `;
  const [order] = await sql<{ number: string }[]>`
    select orders.order_number as number
    from ${sql(table)} as store
    cross join jsonb_array_elements_text(store.value) with ordinality as listed (id, place)
    join public.orders on orders.id::text = listed.id
    where store.key = 'orders:all'
    order by abs(listed.place - jsonb_array_length(store.value) / 2)
    limit 1
  `;

  return [
    {
      title: "1,000 products of a catalog, by category and price",
      store: PRODUCTS,
      tables: (api) =>
        api.from("products").select(LISTED).eq("catalog_id", catalog!.id)
          .order("category").order("price").limit(1_000),
    },
    {
      title: "a client's orders of half a year",
      store: ORDERS,
      tables: (api) =>
        api.from("orders").select("*").eq("client_id", client!.id)
          .gte("created_at", "2025-01-01").lt("created_at", "2025-07-01").order("created_at"),
    },
    {
      title: "products with “walnut desk” in their name",
      store: PRODUCTS,
      tables: (api) => api.from("products").select(LISTED).ilike("name", "%walnut desk%"),
    },
    {
      title: "one order by its number",
      store: { ...ORDERS, share: 0.5 },
      tables: (api) => api.from("orders").select("*").eq("order_number", order!.number),
    },
  ];
}
