import type { Transaction } from "../database/in_transaction.ts";
import { type Chunk, insertRecords } from "./insert_records.ts";
import { lockStore } from "./lock_store.ts";

/**
 * Replaces the contents of a pipeline's store.
 *
 * @param table The store, schema-qualified.
 * @param chunks The records in their order; of records with one key the last stays.
 * @returns How many keys the store holds now.
 * @throws LF010 for a record that Postgres cannot store, by its line; LF202 while the store is used.
 */
export async function loadStore(
  transaction: Transaction,
  table: string,
  chunks: AsyncIterable<Chunk>,
): Promise<number> {
  await lockStore(transaction, table, "access exclusive");
  await transaction`truncate ${transaction(table)}`;
  return await insertRecords(transaction, table, chunks);
}
