import type { Transaction } from "../../database/in_transaction.ts";
import type { ChosenCollection } from "./choose_collections.ts";
import type { RejectedRows } from "./manifest.ts";
import { unreadable } from "./unreadable.ts";

/**
 * Counts the rows that each rule keeps out of a collection.
 *
 * @param signal Ends the counting, also amid a query.
 * @throws LF011 when a rule fails.
 */
export async function rejectedRows(
  transaction: Transaction,
  { transform, rules, collection }: ChosenCollection,
  signal: AbortSignal,
): Promise<RejectedRows[]> {
  const found: RejectedRows[] = [];
  for (const { name, reason, condition } of rules) {
    signal.throwIfAborted();
    const query = transaction.unsafe<[{ rows: number }]>(
      `select count(*)::int as rows from ${transform} where (${condition}) is false`,
    );
    const cancel = () => query.cancel();
    signal.addEventListener("abort", cancel);
    try {
      const [{ rows }] = await query;
      if (rows > 0) found.push({ rule: name, reason, rows });
    } catch (error) {
      throw unreadable(error, `The rule ${name} of ${collection} cannot be checked`);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }
  return found;
}
