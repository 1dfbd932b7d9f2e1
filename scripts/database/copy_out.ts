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
    yield* untilItIsFree(rows, cancel);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

async function* untilItIsFree(rows: Readable, cancel: () => void): AsyncGenerator<Uint8Array> {
  // one that is left early would destroy the stream, and the rest would be read by nobody
  const pieces: AsyncIterator<Uint8Array> = rows[Symbol.asyncIterator]();
  let ended = false;
  const next = async () => {
    try {
      const piece = await pieces.next();
      ended = piece.done === true;
      return piece;
    } catch (error) {
      ended = true;
      throw error;
    }
  };
  try {
    for (let piece = await next(); !piece.done; piece = await next()) yield piece.value;
  } finally {
    if (!ended) {
      cancel();
      // what Postgres says of the end was asked for
      while (!ended) await next().catch(() => {});
    }
    // the driver pauses its socket when the last rows come fast, and forgets to go on
    rows._read(0);
  }
}
