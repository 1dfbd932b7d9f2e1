import fc from "fast-check";
import postgres from "postgres";

/** Something an app does to the targets of pipeline kv. */
export interface AppEdit {
  readonly statement: string;
  /** Which of the rows there are, in order of their ids, as far as they go. */
  readonly place: number;
  /** Goes into what is written. */
  readonly number: number;
}

/**
 * What an app does, by statement: `$1` is the id of a row that is there, or for an insert one that
 * records have; `$2` a number. Each returns the row it touched.
 */
const STATEMENTS: Readonly<Record<string, string>> = {
  "update clients": "update clients set name = 'App ' || $2 where id = $1",
  "update client_code": "update clients set client_code = 'C' || $2 where id = $1",
  "update catalogs": "update catalogs set updated_at = now() + $2 * interval '1 s' where id = $1",
  "update sites": "update sites set slug = 'shop-' || $2 where id = $1",
  "update products": "update products set price = $2 where id = $1",
  "update sku": "update products set sku = 'A-' || $2 where id = $1",
  "update employees": "update employees set employee_id = 'E' || $2 where id = $1",
  "update orders": "update orders set notes = 'App ' || $2 where id = $1",
  "delete clients": "delete from clients where id = $1 and $2 > 0",
  "delete catalogs": "delete from catalogs where id = $1 and $2 > 0",
  "delete sites": "delete from sites where id = $1 and $2 > 0",
  "delete products": "delete from products where id = $1 and $2 > 0",
  "delete employees": "delete from employees where id = $1 and $2 > 0",
  "delete orders": "delete from orders where id = $1 and $2 > 0",
  "insert clients": "insert into clients (id, name, client_code) values ($1, 'App', 'C' || $2)",
  "insert catalogs": "insert into catalogs (id, name, type) values ($1, 'App' || $2, 'erp')",
  "insert sites":
    "insert into sites (id, client_id, name, slug) select $1, id, 'App', 'shop-' || $2 from clients limit 1",
  "insert products":
    "insert into products (id, catalog_id, sku, name, price) select $1, id, 'A-' || $2, 'App', 1 from catalogs limit 1",
  "insert employees":
    "insert into employees (id, site_id, employee_id) select $1, id, 'E' || $2 from sites limit 1",
  "insert orders":
    "insert into orders (id, client_id, site_id, order_number, total_amount) select $1, client_id, id, 'O-' || $2, 1 from sites limit 1",
};

const TABLES: Readonly<Record<string, string>> = { client_code: "clients", sku: "products" };

/** Makes something an app may do between two runs. */
export function arbitraryAppEdit(): fc.Arbitrary<AppEdit> {
  return fc.record({
    statement: fc.constantFrom(...Object.keys(STATEMENTS)),
    place: fc.nat(9),
    number: fc.integer({ min: 1, max: 4 }),
  });
}

/**
 * Does to the targets what an app would, unless a constraint forbids it.
 *
 * @returns The row that was written or deleted, as "table id"; none when there was nothing to do.
 */
export async function editAsApp(
  sql: postgres.Sql,
  { statement, place, number }: AppEdit,
): Promise<string[]> {
  const [verb, what] = statement.split(" ") as [string, string];
  const table = TABLES[what] ?? what;
  const ids = verb === "insert"
    ? ["a", "b", "c", "d", "e"].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000001`)
    : (await sql`select id from ${sql(table)} order by id`).map(({ id }) => id);
  if (ids.length === 0) return [];
  try {
    const rows = await sql.unsafe(
      STATEMENTS[statement]!.replaceAll("$1", `'${ids[place % ids.length]}'::uuid`)
        .replaceAll("$2", String(number)) + " returning id",
    );
    return rows.map(({ id }) => `${table} ${id}`);
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code.startsWith("23")) return [];
    throw error;
  }
}
