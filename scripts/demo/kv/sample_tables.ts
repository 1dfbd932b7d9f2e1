import type postgres from "postgres";
import { type Cell, table } from "../../invoke/table.ts";

/** Shows a few rows of two of the tables, as their columns. */
export async function sampleTables(sql: postgres.Sql): Promise<string[]> {
  const products = await sql`
    select sku, name, category, lpad(price::text, 8) as price, status, updated_at::date::text as updated
    from public.products
    order by name ~ '^[[:ascii:]]+$', sku
    limit 3
  `;
  const orders = await sql`
    select
      orders.order_number as order, customer_name as customer, clients.name as client,
      products.name as product, lpad(total_amount::text, 8) as total, orders.status
    from public.orders
    join public.clients on clients.id = orders.client_id
    left join public.products on products.id = orders.product_id
    order by orders.order_number
    limit 3
  `;
  return [...setOut(products), "", ...setOut(orders)];
}

function setOut(rows: postgres.RowList<postgres.Row[]>): string[] {
  return table(rows.columns.map(({ name }) => name), rows.map((row) => Object.values<Cell>(row)));
}
