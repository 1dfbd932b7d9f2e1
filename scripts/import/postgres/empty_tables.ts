import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import { literal } from "../staging/literal.ts";
import { quoted } from "../staging/quoted.ts";
import type { Companies } from "./choose_companies.ts";
import type { TablePlan } from "./plan_table.ts";

const REFERRED_TO = "0A000";

/**
 * Takes what will be filled anew out of the staging tables: everything, or the rows of companies.
 *
 * @throws LF011 when a staging table does not have the column that names the company.
 */
export async function emptyTables(
  transaction: Transaction,
  plans: readonly TablePlan[],
  companies: Companies | undefined,
): Promise<void> {
  const kept = plans.filter(({ existing, makes }) => existing && !makes);
  if (kept.length === 0) return;
  if (companies) {
    for (const plan of kept) await emptyOf(transaction, plan, companies);
    return;
  }
  const names = kept.map(({ staging }) => `staging.${quoted(staging)}`);
  try {
    await transaction.savepoint((savepoint) => savepoint.unsafe(`truncate ${names.join(", ")}`));
  } catch (error) {
    if ((error as { code?: string }).code !== REFERRED_TO) throw error;
    for (const name of names.toReversed()) await transaction.unsafe(`delete from ${name}`);
  }
}

async function emptyOf(
  transaction: Transaction,
  { relation, staging, columns, existing }: TablePlan,
  { keys, columnOf }: Companies,
): Promise<void> {
  const { name } = columnOf(relation);
  const column = columns.find(({ source }) => source.name === name);
  if (!column) {
    throw new LandfallError("LF011", `Cannot import single companies into staging.${staging}`, {
      details: `It has no column ${name}, by which the rows of a company are found. It has ` +
        `${existing!.columns.map((each) => each.name).join(", ")}.`,
      hint: "Add the column in its migration, or import without --source-company.",
    });
  }
  const list = keys.map(literal).join(", ");
  await transaction.unsafe(
    `delete from staging.${quoted(staging)}
     where ${quoted(column.name)} = any (array[${list}]::${column.bare}[])`,
  );
}
