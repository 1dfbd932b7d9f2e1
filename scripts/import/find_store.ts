import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../database/in_transaction.ts";

/**
 * Finds the table in schema staging that holds a pipeline's store.
 *
 * @returns Its schema-qualified name.
 * @throws LF009 where Landfall is not installed, LF101 for a pipeline without a store.
 */
export async function findStore(transaction: Transaction, pipeline: string): Promise<string> {
  const stores = await transaction<{ pipeline: string }[]>`
    select left(tablename, -length('_store')) as pipeline
    from pg_tables
    where schemaname = 'staging' and tablename ~ '^[a-z][a-z0-9_]*_store$'
    order by tablename
  `;
  if (stores.length === 0) {
    throw new LandfallError("LF009", "The database has no store to import into", {
      details: "Schema staging holds no table that ends in _store.",
      hint: "Apply the migrations: deno task supabase db push.",
    });
  }
  const names = stores.map((store) => store.pipeline);
  if (names.includes(pipeline)) return `staging.${pipeline}_store`;
  throw new LandfallError("LF101", `Pipeline ${JSON.stringify(pipeline)} has no store`, {
    details: `There is no table staging.${pipeline}_store.`,
    hint: `Pipelines with a store: ${names.join(", ")}.`,
  });
}
