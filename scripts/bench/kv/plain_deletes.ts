import type postgres from "postgres";
import { FAMILIES } from "./families.ts";
import type { Timing } from "./measure.ts";

/** Ends the transaction whose work was measured and is not to stay. */
class TakenBack extends Error {}

/**
 * Deletes what a run has written, children first, by one `delete … using` a table in one session,
 * and takes it back.
 *
 * @returns The rows deleted, and how long that took without the taking back.
 */
export async function plainDeletes(sql: postgres.Sql): Promise<Timing> {
  let timing: Timing = { rows: 0, ms: 0 };
  try {
    await sql.begin(async (transaction) => {
      let rows = 0;
      const start = performance.now();
      for (const { table } of FAMILIES.toReversed()) {
        const { count } = await transaction`
          delete from public.${transaction(table)} as stored
          using landfall.lineage
          where lineage.entity_id = (
              select id from landfall.entities where pipeline = 'kv' and name = ${table}
            )
            and stored.id = lineage.target_key::uuid`;
        rows += count;
      }
      timing = { rows, ms: performance.now() - start };
      throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
  }
  return timing;
}
