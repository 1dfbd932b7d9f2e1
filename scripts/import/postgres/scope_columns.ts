import type { Transaction } from "../../database/in_transaction.ts";
import type { ScopeColumns } from "./choose_companies.ts";

/**
 * Reads which column of each table of the source names a row's company.
 *
 * @returns Nothing for a pipeline that is not defined, or does not say so.
 */
export async function scopeColumns(
  transaction: Transaction,
  pipeline: string,
): Promise<ScopeColumns> {
  const [row] = await transaction<{ columns: ScopeColumns }[]>`
    select scope_columns as columns from landfall.pipelines where name = ${pipeline}
  `;
  return row?.columns ?? {};
}
