import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import type { Source } from "./read_source.ts";

/**
 * Refuses to fill the staging tables of a database from themselves.
 *
 * @throws LF011 when the source is that database, and the schema is staging.
 */
export async function refuseItself(
  transaction: Transaction,
  source: Source,
  schema: string,
): Promise<void> {
  if (schema !== "staging") return;
  // a lock is seen by everybody on the same server, and by nobody else
  const [{ high, low }] = await transaction<[{ high: number; low: number }]>`
    select (random() * 2000000000)::int as high, (random() * 2000000000)::int as low
  `;
  await transaction`select pg_advisory_xact_lock(${high}::int, ${low}::int)`;
  const [found] = await source.query(
    `select from pg_catalog.pg_locks
     where locktype = 'advisory' and classid = ${Number(high)} and objid = ${Number(low)}
       and database = (
         select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()
       )`,
  );
  if (!found) return;
  throw new LandfallError("LF011", "Cannot import schema staging of a database into itself", {
    hint: "Name the source's own schema with --schema, or another database.",
  });
}
