import type { Transaction } from "../../database/in_transaction.ts";
import { quoted } from "./quoted.ts";

/** NULL, twice the same, or too long for an index. */
const VALUES_FORBID = ["23502", "23505", "54000"];

/**
 * Gives a table that was filled the primary key it had at its source. SQLite is laxer: a key may be
 * NULL there, and 1 and '1' are two.
 *
 * @param columns Names of the key's columns.
 * @returns Whether its values allow it.
 */
export async function addPrimaryKey(
  transaction: Transaction,
  staging: string,
  columns: readonly string[],
): Promise<boolean> {
  const name = `staging.${quoted(staging)}`;
  const key = columns.map(quoted).join(", ");
  try {
    await transaction.savepoint((savepoint) =>
      savepoint.unsafe(`alter table ${name} add primary key (${key})`)
    );
    return true;
  } catch (error) {
    if (VALUES_FORBID.includes((error as { code?: string }).code ?? "")) return false;
    throw error;
  }
}
