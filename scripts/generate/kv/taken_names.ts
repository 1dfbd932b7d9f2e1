import type { Transaction } from "../../database/in_transaction.ts";

/** Names of a schema's tables and views, but for those that the pipeline has made itself. */
export async function takenNames(
  transaction: Transaction,
  { pipeline, schema }: { readonly pipeline: string; readonly schema: string },
): Promise<ReadonlySet<string>> {
  const [engine] = await transaction<{ installed: boolean }[]>`
    select to_regclass('landfall.entities') is not null as installed
  `;
  const own = engine!.installed
    ? await transaction<{ oid: number }[]>`
      select to_regclass(target)::oid::int as oid
      from landfall.entities
      where entities.pipeline = ${pipeline}
    `
    : [];
  const mine = new Set(own.map(({ oid }) => oid));
  const found = await transaction<{ name: string; oid: number }[]>`
    select relname as name, oid::int as oid
    from pg_class
    where relnamespace = to_regnamespace(${JSON.stringify(schema)})
      and relkind in ('r', 'p', 'v', 'm', 'f')
  `;
  return new Set(found.filter(({ oid }) => !mine.has(oid)).map(({ name }) => name));
}
