import type { Writable } from "node:stream";
import type { Transaction } from "../../database/in_transaction.ts";

/** A COPY under way; disposing it before its end gives it up. */
export interface Copy extends AsyncDisposable {
  /** Hands bytes over, and resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the COPY, and resolves when all rows stand in the table. */
  end(): Promise<void>;
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
  // the driver tells of a failure at the very end only to the query, which has long been answered
  const failed = new Promise<never>((_, reject) => {
    (query as unknown as { reject: (error: unknown) => void }).reject = reject;
  });
  failed.catch(() => {});
  stream.on("error", () => {});

  let open = true;
  const settled = async (work: Promise<void>): Promise<void> => {
    try {
      await Promise.race([failed, work]);
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
      await settled(
        new Promise((resolve) => {
          stream.end(resolve);
        }),
      );
      open = false;
    },
    [Symbol.asyncDispose]: async () => {
      if (!open) return;
      stream.destroy(new Error("given up"));
      await failed.catch(() => {});
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
