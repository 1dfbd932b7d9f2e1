import type postgres from "postgres";
import { FAMILIES } from "./families.ts";

/**
 * Writes what any migration must write and nothing else: one insert … select of the same columns
 * from the same transforms for each table, in one session.
 *
 * @returns The rows written.
 */
export async function plainInserts(sql: postgres.Sql): Promise<number> {
  let rows = 0;
  for (const { table } of FAMILIES) {
    const { count } = await sql.unsafe(await insertOf(sql, table));
    rows += count;
  }
  return rows;
}

/** The columns that are in both view and table and not generated, as the engine takes them. */
async function insertOf(sql: postgres.Sql, table: string): Promise<string> {
  const [insert] = await sql<{ statement: string }[]>`
    select format(
      'insert into public.%1$I (%2$s) select %2$s from transform.%3$I',
      ${table}::text,
      string_agg(quote_ident(target.attname), ', ' order by target.attnum),
      'kv_' || ${table}
    ) as statement
    from pg_catalog.pg_attribute as target
    join pg_catalog.pg_attribute as given
      on given.attrelid = format('transform.%I', 'kv_' || ${table})::regclass
      and given.attname = target.attname
    where target.attrelid = format('public.%I', ${table}::text)::regclass
      and target.attnum > 0
      and not target.attisdropped
      and target.attgenerated = ''
  `;
  return insert!.statement;
}
