import type postgres from "postgres";

/** What goes wrong in a store's records. */
export type Faults =
  /** Every kind of fault, in about this share of the records. */
  | { readonly share: number }
  /** One kind of fault, in one of so many products, employees and orders. */
  | { readonly kind: "check" | "cast" | "duplicate" | "parent"; readonly oneIn: number };

/** What a store holds. */
export interface StoreOptions {
  /** A new table in public. */
  readonly table: string;
  /** How many keys, lists included; at least 100. */
  readonly records: number;
  /** Nothing by default. */
  readonly faults?: Faults;
}

/**
 * Makes a key-value store as an app builder's app keeps it, in the table of that name.
 *
 * The same options give the same store, byte by byte. A million records take about half a minute.
 */
export async function makeStore(sql: postgres.Sql, options: StoreOptions): Promise<void> {
  const { table, records, faults } = options;
  const session = await sql.reserve();
  try {
    await session.unsafe(await readSql("store.sql"));
    await session`create table ${sql(table)} (key text not null primary key, value jsonb not null)`;
    await session`alter table ${sql(table)} enable row level security`;
    await session`select pg_temp.fill_kv_store(${table}::regclass, ${records})`;
    if (faults) {
      await session.unsafe(await readSql("faults.sql"));
      await ("share" in faults
        ? session`select pg_temp.dirty_kv_store(${table}::regclass, ${records}, ${faults.share})`
        : session`
          select pg_temp.spoil_kv_store(
            ${table}::regclass, ${records}, family, ${faults.kind}, 1, ${faults.oneIn}
          )
          from unnest('{gift,employee,order}'::text[]) as families (family)
        `);
    }
    await session`vacuum analyze ${sql(table)}`;
    await session`discard temp`;
  } finally {
    session.release();
  }
}

async function readSql(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, import.meta.url));
}
