import type { Writable } from "node:stream";
import type { Transaction } from "../../database/in_transaction.ts";

/** A COPY under way; disposing it before its end gives it up. */
export interface Copy extends AsyncDisposable {
  /** Hands bytes over, and resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the COPY, and resolves to the number of rows when all stand in the table. */
  end(): Promise<number>;
}

/**
 * Begins a COPY from this process.
 *
 * @param statement `copy … from stdin …`; no other statement can be made until the COPY has ended.
 * @throws What Postgres says of rows; a transaction is then only good for being rolled back.
 */
export async function openCopy(transaction: Transaction, statement: string): Promise<Copy> {
  const query = transaction.unsafe(statement);
  const stream = await query.writable() as Writable;
  // the driver tells how it ended only to the query, which has long been answered
  const { promise: ended, resolve, reject } = Promise.withResolvers<{ readonly count: number }>();
  Object.assign(query, { resolve, reject });
  ended.catch(() => {});
  stream.on("error", () => {});

  let open = true;
  // only a failure settles it while rows are still to come
  const failed = ended.then(() => new Promise<never>(() => {}));
  failed.catch(() => {});
  const settled = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await Promise.race([failed, work]);
    } catch (error) {
      open = false;
      throw error;
    }
  };
  return {
    write: (bytes) =>
      settled(
        new Promise((resolve) => {
          stream.write(bytes, () => resolve());
        }),
      ),
    end: async () => {
      stream.end();
      const { count } = await settled(ended);
      open = false;
      return count;
    },
    [Symbol.asyncDispose]: async () => {
      if (!open) return;
      stream.destroy(new Error("given up"));
      await ended.catch(() => {});
    },
  };
}

/** What a COPY in binary format begins with: signature, flags, the length of no extension. */
export function copyHeader(): Uint8Array {
  const bytes = new Uint8Array(19);
  bytes.set(new TextEncoder().encode("PGCOPY\n"));
  bytes.set([0xff, 0x0d, 0x0a, 0x00], 7);
  return bytes;
}
