import { takenNames } from "./taken_names.ts";
import { inTransaction } from "../../database/in_transaction.ts";
import { takeCensus } from "./census/take_census.ts";
import { readMapping } from "./mapping.ts";
import { openStore } from "./open_store.ts";
import { planStore } from "./plan/plan_store.ts";
import type { StorePlan } from "./plan/store_plan.ts";

/** Which store is read, and what a person says of it. */
export interface StoreOptions {
  readonly pipeline: string;
  readonly schema: string;
  readonly table: string | undefined;
  readonly file: string | undefined;
  /** A file that says what should be otherwise. */
  readonly mapping: string | undefined;
}

/** Undoes all that the census made, as a part of a transaction. */
class Undone extends Error {}

/**
 * Decides what a store becomes, by every key and value in it. Nothing is left behind in the
 * database.
 *
 * @param onStep Is told how many of how many steps are done.
 * @param url Another database than usual.
 * @throws LF010 and LF011 for the file, LF013 for the mapping, LF207 to LF209 for the table.
 */
export async function planStoreFile(
  options: StoreOptions,
  onStep: (done: number, total: number) => void = () => {},
  url?: string,
): Promise<StorePlan> {
  return await inTransaction(
    async (transaction) => {
      let plan: StorePlan | undefined;
      try {
        await transaction.savepoint(async (savepoint) => {
          const { relation, name, pattern } = await openStore(savepoint, options);
          const census = await takeCensus(savepoint, relation, onStep);
          const mapping = await readMapping(options.mapping, census);
          const taken = await takenNames(savepoint, options);
          plan = planStore({ ...options, store: name, pattern, taken }, census, mapping);
          throw new Undone();
        });
      } catch (error) {
        if (!(error instanceof Undone)) throw error;
      }
      return plan!;
    },
    "comparison",
    url,
  );
}
