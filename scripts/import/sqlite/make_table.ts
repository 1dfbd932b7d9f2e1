import type { Transaction } from "../../database/in_transaction.ts";
import type { TablePlan } from "./plan_table.ts";
import { quoted } from "./quoted.ts";
import type { TargetColumn } from "./row_encoder.ts";
import { MADE } from "./staging_tables.ts";

/**
 * Makes a staging table, closed to everybody but service_role.
 *
 * landfall.close_doors() would lock every table for as long as the import takes.
 *
 * @param replace Whether an import made the table before: it is dropped first.
 */
export async function makeTable(
  transaction: Transaction,
  { staging, source }: TablePlan,
  pipeline: string,
  columns: readonly TargetColumn[],
  replace: boolean,
): Promise<void> {
  const name = `staging.${quoted(staging)}`;
  const list = columns.map((column) => `${quoted(column.name)} ${column.type}`);
  const comment = `Table ${source.name} of a SQLite file, for pipeline ${pipeline}.\n\n${MADE}`;
  if (replace) await transaction.unsafe(`drop table ${name}`);
  await transaction.unsafe(`create table ${name} (${list.join(", ")})`);
  await transaction.unsafe(`comment on table ${name} is '${comment.replaceAll("'", "''")}'`);
  await transaction.unsafe(`alter table ${name} enable row level security`);
  await transaction.unsafe(`revoke all on ${name} from public, anon, authenticated`);
  await transaction.unsafe(`grant select, insert, update, delete on ${name} to service_role`);
}
