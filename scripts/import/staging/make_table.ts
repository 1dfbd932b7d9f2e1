import type { Transaction } from "../../database/in_transaction.ts";
import { literal } from "./literal.ts";
import { quoted } from "./quoted.ts";
import { MADE } from "./staging_tables.ts";

/** A staging table to be made. */
export interface NewTable {
  readonly name: string;
  /** The columns with their types, as SQL writes these. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** What it holds: a sentence. */
  readonly about: string;
}

/**
 * Makes a staging table, closed to everybody but service_role.
 *
 * landfall.close_doors() would lock every table for as long as the import takes.
 *
 * @param replace Whether an import made the table before: it is dropped first.
 */
export async function makeTable(
  transaction: Transaction,
  { name: table, columns, about }: NewTable,
  replace: boolean,
): Promise<void> {
  const name = `staging.${quoted(table)}`;
  const list = columns.map((column) => `${quoted(column.name)} ${column.type}`);
  const comment = `${about}\n\n${MADE}`;
  if (replace) await transaction.unsafe(`drop table ${name}`);
  await transaction.unsafe(`create table ${name} (${list.join(", ")})`);
  await transaction.unsafe(`comment on table ${name} is ${literal(comment)}`);
  await transaction.unsafe(`alter table ${name} enable row level security`);
  await transaction.unsafe(`revoke all on ${name} from public, anon, authenticated`);
  await transaction.unsafe(`grant select, insert, update, delete on ${name} to service_role`);
}
