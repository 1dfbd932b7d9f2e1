import type postgres from "postgres";

/** What a store holds, and what of it is in the tables. */
export interface Account {
  readonly keys: number;
  readonly size: string;
  /** Changes with every change of a key or a value. */
  readonly fingerprint: string;
  /** Keys that hold a list of ids. */
  readonly lists: number;
  /** Keys that are no record and no list. */
  readonly others: number;
  readonly entities: readonly EntityAccount[];
}

/** One family of records and its table. */
export interface EntityAccount {
  readonly entity: string;
  readonly prefix: string;
  readonly records: number;
  readonly rows: number;
}

/** Counts a store's keys and the tables' rows, without asking the engine. */
export async function account(sql: postgres.Sql, table: string): Promise<Account> {
  const entities = await sql<(Omit<EntityAccount, "rows">)[]>`
    select entity, prefix, count(store.key)::int as records
    from transform.kv_families
    left join ${sql(table)} as store on store.key like prefix || '%' and store.key <> list
    group by entity, prefix
    order by min(list)
  `;
  const [store] = await sql<{ keys: number; lists: number; size: string; fingerprint: string }[]>`
    select
      count(*)::int as keys,
      count(*) filter (where key in (select list from transform.kv_families))::int as lists,
      sum(hashtextextended(key || value::text, 0))::text as fingerprint,
      pg_size_pretty(pg_total_relation_size(${table}::regclass)) as size
    from ${sql(table)}
  `;
  const { keys, lists, ...rest } = store!;
  const records = entities.reduce((sum, entity) => sum + entity.records, 0);
  return {
    ...rest,
    keys,
    lists,
    others: keys - records - lists,
    entities: await Promise.all(entities.map(async (entity) => {
      const [counted] = await sql<{ rows: number }[]>`
        select count(*)::int as rows from public.${sql(entity.entity)}
      `;
      return { ...entity, rows: counted!.rows };
    })),
  };
}
