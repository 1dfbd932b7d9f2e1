import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../database/in_transaction.ts";

const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Keeps a store for this transaction, which waits five seconds for others that use it.
 *
 * @param table The store, schema-qualified, as SQL writes it.
 * @param mode `access exclusive` keeps readers out as well, `share row exclusive` only writers.
 * @throws LF202 when it is still used.
 */
export async function lockStore(
  transaction: Transaction,
  table: string,
  mode: "access exclusive" | "share row exclusive",
): Promise<void> {
  await transaction`set local lock_timeout = '5s'`;
  try {
    await transaction.unsafe(`lock table ${table} in ${mode} mode`);
  } catch (cause) {
    if ((cause as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw cause;
    throw new LandfallError("LF202", `A run or another import is using ${table}`, {
      hint: "Wait for it to end, then import again.",
      cause,
    });
  }
}
