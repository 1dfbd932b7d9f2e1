import type postgres from "postgres";

/** What a test's store holds; every client has a site of its own. */
export interface Store {
  /** Its table in public. */
  readonly table?: string;
  /** Clients, all of them sound. */
  readonly clients?: number;
  /** More clients, without a valid e-mail address; their sites have no parent then. */
  readonly badClients?: number;
  /** More clients that stand in no list. */
  readonly unlistedClients?: number;
}

/**
 * Makes a key-value store as an app leaves it: records and the lists of their ids.
 *
 * Ids are counted up, so that two stores of the same kind are equal.
 */
export async function makeStore(sql: postgres.Sql, store: Store = {}): Promise<void> {
  const { table = "kv_store_1a2b3c4d", clients = 20, badClients = 0, unlistedClients = 0 } = store;
  const listed = clients + badClients;
  const all = listed + unlistedClients;
  await sql`create table ${sql(table)} (key text primary key, value jsonb not null)`;
  await sql`
    insert into ${sql(table)} (key, value)
    select 'client:' || ${id(sql, 1)}, jsonb_build_object(
      'name', 'Client ' || n,
      'client_code', 'C' || n,
      'contact_email', case when n > ${clients} and n <= ${listed} then 'nobody' else 'a@b.example' end
    )
    from generate_series(1, ${all}::int) as n
    union all
    select 'site:' || ${id(sql, 2)}, jsonb_build_object(
      'client_id', ${id(sql, 1)},
      'name', 'Site ' || n,
      'slug', 'site-' || n
    )
    from generate_series(1, ${listed}::int) as n
    union all
    select 'clients:all', coalesce(jsonb_agg(${id(sql, 1)}), '[]')
    from generate_series(1, ${listed}::int) as n
    union all
    select 'sites:all', coalesce(jsonb_agg(${id(sql, 2)}), '[]')
    from generate_series(1, ${listed}::int) as n
  `;
}

/** The id of record n of a kind. */
function id(sql: postgres.Sql, kind: number): postgres.Fragment {
  return sql`(lpad(${String(kind)}, 8, '0') || '-0000-4000-8000-' || lpad(n::text, 12, '0'))`;
}
