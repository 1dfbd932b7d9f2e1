import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import { lockStore } from "../lock_store.ts";
import type { ImportPlan } from "./plan_import.ts";
import { quoted } from "./quoted.ts";

/**
 * Keeps the staging tables of an import for this transaction.
 *
 * @throws LF202 while a run of the pipeline is active or anybody uses a table, LF011 when something
 * else has the name of a table that is to be made.
 */
export async function lockTables(
  transaction: Transaction,
  pipeline: string,
  { tables }: ImportPlan,
): Promise<void> {
  for (const { existing, staging } of tables) {
    if (existing) {
      await lockStore(transaction, `staging.${quoted(staging)}`, "access exclusive");
    }
  }
  const [run] = await transaction<{ id: string; state: string }[]>`
    select id, state
    from landfall.runs
    where pipeline = ${pipeline} and state in ('planned', 'running')
  `;
  if (run) {
    throw new LandfallError("LF202", `Run ${run.id} of pipeline ${pipeline} is ${run.state}`, {
      hint: "Let it end, pause it or cancel it, then import again.",
    });
  }

  const fresh = tables.filter(({ existing }) => !existing).map(({ staging }) => staging);
  const [taken] = await transaction<{ name: string }[]>`
    select relname as name
    from pg_catalog.pg_class
    where relnamespace = 'staging'::regnamespace
      and ${JSON.stringify(fresh)}::text::jsonb ? relname::text
  `;
  if (taken) {
    throw new LandfallError("LF011", `Cannot make staging.${taken.name}: the name is taken`, {
      details: "It belongs to another pipeline, or is no table.",
      hint: "Import into a pipeline of another name, or leave the table out with --tables.",
    });
  }
}
