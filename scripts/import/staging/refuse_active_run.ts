import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";

/**
 * Makes sure that no run reads what an import is about to replace.
 *
 * @throws LF202 while a run of the pipeline is planned or running.
 */
export async function refuseActiveRun(transaction: Transaction, pipeline: string): Promise<void> {
  const [run] = await transaction<{ id: string; state: string }[]>`
    select id, state
    from landfall.runs
    where pipeline = ${pipeline} and state in ('planned', 'running')
  `;
  if (!run) return;
  throw new LandfallError("LF202", `Run ${run.id} of pipeline ${pipeline} is ${run.state}`, {
    hint: "Let it end, pause it or cancel it, then import again.",
  });
}
