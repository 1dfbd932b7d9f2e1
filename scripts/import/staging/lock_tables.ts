import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import { lockStore } from "../lock_store.ts";
import { quoted } from "./quoted.ts";
import { refuseActiveRun } from "./refuse_active_run.ts";
import type { StagingTable } from "./staging_tables.ts";

/** A staging table that is filled, and perhaps made first. */
export interface FilledTable {
  readonly staging: string;
  readonly existing: StagingTable | undefined;
}

/**
 * Keeps the staging tables of an import for this transaction.
 *
 * @throws LF202 while a run of the pipeline is active or anybody uses a table, LF011 when something
 * else has the name of a table that is to be made.
 */
export async function lockTables(
  transaction: Transaction,
  pipeline: string,
  tables: readonly FilledTable[],
): Promise<void> {
  // always in the same order, so that nobody who does so too waits for this one in vain
  const present = tables.filter(({ existing }) => existing).map(({ staging }) => staging);
  for (const staging of present.toSorted()) {
    await lockStore(transaction, `staging.${quoted(staging)}`, "access exclusive");
  }
  await refuseActiveRun(transaction, pipeline);
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
