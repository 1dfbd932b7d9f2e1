import type postgres from "postgres";

/** The types of a table's columns, by name, in their order. */
export async function typesOf(sql: postgres.Sql, table: string): Promise<Record<string, string>> {
  const columns = await sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, atttypmod) as type
    from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped
    order by attnum
  `;
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}
