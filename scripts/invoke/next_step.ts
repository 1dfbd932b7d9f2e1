import type { RunReport } from "../../supabase/functions/_shared/contract.ts";
import { commandLine } from "./command_line.ts";

/**
 * Says what a person may do next with a run.
 *
 * @param again The command that calls the function which runs its pipeline once more.
 */
export function nextStep(report: RunReport, again: string): string {
  const { runId, state, rollback, verification } = report;
  if (report.dryRun) return `migrate: ${again}`;
  if (state === "cancelled" || state === "rolled_back") return "nothing: the run is over";
  if (state === "rolling_back") {
    const { tables, force } = rollback!;
    const request = { runId, confirm: true, tables: tables ?? undefined, force };
    return `continue: ${commandLine("rollback", request)}`;
  }
  if (state !== "completed") return `continue: ${again} --run-id ${runId}`;

  const verify = commandLine("verify", { runId });
  if (report.rejects.length > 0) {
    return `mend the source or the view, then take the rejects again: ${again} --retry-rejects`;
  }
  if (verification === null) return `verify it: ${verify}`;
  if (verification.state === "running") {
    const { verificationId } = verification;
    return `continue the verification: ${commandLine("verify", { verificationId })}`;
  }
  if (verification.state === "different") return `mend what differs, then verify again: ${verify}`;
  return "nothing: every source row is where it belongs";
}
