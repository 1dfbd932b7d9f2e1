import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";

/**
 * Keeps a pipeline's staging tables, those that are still to be made as well, from other imports for
 * this transaction.
 *
 * @throws LF202 while another import is under way.
 */
export async function lockPipeline(transaction: Transaction, pipeline: string): Promise<void> {
  const [lock] = await transaction<{ free: boolean }[]>`
    select pg_catalog.pg_try_advisory_xact_lock(
      pg_catalog.hashtextextended(${`landfall import ${pipeline}`}::text, 0)
    ) as free
  `;
  if (lock?.free) return;
  throw new LandfallError("LF202", `Another import for pipeline ${pipeline} is under way`, {
    hint: "Wait for it to end, then import again.",
  });
}
