import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../database/in_transaction.ts";
import { type Chunk, insertRecords } from "./insert_records.ts";
import { lockStore } from "./lock_store.ts";

/** What a store holds after a merge. */
export interface Merged {
  readonly keys: number;
  /** Keys that it did not hold before. */
  readonly added: number;
}

/**
 * Puts records over what a pipeline's store holds, such as rejects that have been corrected.
 *
 * An export of rejects lacks the secret fields, so records keep theirs.
 *
 * @param table The store, schema-qualified.
 * @throws LF010 for a record that Postgres cannot store, LF011 when the pipeline reads another
 * store and this one is empty, LF202 while the store is used.
 */
export async function mergeStore(
  transaction: Transaction,
  pipeline: string,
  table: string,
  chunks: AsyncIterable<Chunk>,
): Promise<Merged> {
  await lockStore(transaction, table, "share row exclusive");
  const [before] = await transaction<{ keys: number }[]>`
    select count(*)::int as keys from ${transaction(table)}
  `;
  if (before!.keys === 0) await refuseOtherStore(transaction, pipeline, table);

  const secretFields = await transaction<{ name: string }[]>`
    select distinct fields.name
    from landfall.entities
    cross join unnest(secret_fields) as fields (name)
    where pipeline = ${pipeline}
  `;
  const names = secretFields.map(({ name }) => name);
  const keys = await insertRecords(transaction, table, chunks, names);
  return { keys, added: keys - before!.keys };
}

/** What is merged into an empty store would stand alone, and the store that is read stay as it is. */
async function refuseOtherStore(
  transaction: Transaction,
  pipeline: string,
  table: string,
): Promise<void> {
  const [other] = await transaction<{ name: string }[]>`
    select format('%I.%I', nspname, relname) as name
    from landfall.pipelines
    join pg_rewrite on pg_rewrite.ev_class = to_regclass(pipelines.source)
    join pg_depend
      on pg_depend.classid = 'pg_rewrite'::regclass
      and pg_depend.objid = pg_rewrite.oid
      and pg_depend.refclassid = 'pg_class'::regclass
    join pg_class on pg_class.oid = pg_depend.refobjid and pg_class.oid <> pg_rewrite.ev_class
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pipelines.name = ${pipeline} and pg_class.oid <> ${table}::text::regclass
    limit 1
  `;
  if (!other) return;
  throw new LandfallError("LF011", `Cannot merge into ${table}: the pipeline reads ${other.name}`, {
    details: `${table} is empty, and the store ${other.name} is only read.`,
    hint: `Correct the records in ${other.name}, then take them again with --retry-rejects.`,
  });
}
