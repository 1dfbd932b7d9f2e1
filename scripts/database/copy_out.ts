import type { Readable } from "node:stream";
import type { Transaction } from "./in_transaction.ts";

/**
 * Copies rows out of the database, in pieces of any size, as fast as they are taken. The connection
 * can go on afterwards, also when the reader stops amid the rows.
 *
 * @param query `copy … to stdout`, not yet sent.
 * @param signal Ends the query, also before it gives its first row.
 * @throws What Postgres raises: 57014 when it was ended by the signal.
 */
export async function* copyOut(
  query: ReturnType<Transaction["unsafe"]>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  const cancel = () => query.cancel();
  signal?.addEventListener("abort", cancel);
  try {
    const rows: Readable = await query.readable();
    // the driver takes a query for done when its rows begin, and would not cancel it
    Object.assign(query, { active: true });
    try {
      // a stream that is destroyed when it is left early would have its rest read by nobody
      yield* rows.iterator({ destroyOnReturn: false });
    } finally {
      if (!rows.readableEnded && !rows.destroyed) {
        cancel();
        await readToItsEnd(rows);
      }
      // the driver pauses its socket when the last rows come fast, and forgets to go on
      rows._read(0);
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

async function readToItsEnd(rows: Readable): Promise<void> {
  try {
    for await (const _ of rows);
  } catch {
    // what Postgres says of the end was asked for
  }
}
