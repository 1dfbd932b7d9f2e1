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
 * @throws LF011 when a staging table does not have the column that names the company, or rows of
 * other tables would go with those that are taken out.
 */
export async function emptyTables(
  transaction: Transaction,
  plans: readonly TablePlan[],
  companies: Companies | undefined,
): Promise<void> {
  const kept = plans.filter(({ existing, makes }) => existing && !makes);
  if (kept.length === 0) return;
  await refuseOthers(transaction, kept.map(({ staging }) => staging));
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

/** A delete goes on to rows that refer to it, where their foreign key says so. */
async function refuseOthers(transaction: Transaction, names: readonly string[]): Promise<void> {
  const [found] = await transaction<{ table: string; by: string }[]>`
    with taken as (
      select to_regclass(format('staging.%I', names.name)) as relation
      from jsonb_array_elements_text(${JSON.stringify(names)}::text::jsonb) as names (name)
    )
    select confrelid::regclass::text as table, conrelid::regclass::text as by
    from pg_catalog.pg_constraint
    where contype = 'f'
      and confdeltype in ('c', 'n', 'd')
      and confrelid in (select relation from taken)
      and conrelid not in (select relation from taken)
    limit 1
  `;
  if (!found) return;
  throw new LandfallError("LF011", `Cannot empty ${found.table} alone: ${found.by} refers to it`, {
    details: "Its foreign key says that rows which refer to a deleted one are deleted or emptied.",
    hint: "Import both tables, or drop the foreign key. Nothing was changed.",
  });
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
