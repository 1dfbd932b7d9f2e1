import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { commandLine } from "./command_line.ts";
import type { Runner } from "./runner.ts";

/**
 * Says what a person may do next with a run.
 *
 * @param name The function that runs its pipeline.
 */
export function nextStep(report: RunReport, name: Runner): string {
  const { runId, pipeline, state, rollback, verification } = report;
  const start = (request: Record<string, unknown>) =>
    commandLine(name, name === "migrate-kv" ? request : { pipeline, ...request });

  const resolved = report.options.resolved === true;
  const resolve = commandLine("resolve-users", { pipeline });

  if (report.dryRun) {
    return resolved
      ? `resolve users: ${resolve}`
      : `${report.documents ? "export" : "migrate"}: ${start({})}`;
  }
  if (state === "rolled_back" && resolved) return `load its rows again: ${start({})}`;
  if (state === "cancelled" || state === "rolled_back") return "nothing: the run is over";
  if (state === "rolling_back") {
    const { tables, sourceCompany, force } = rollback!;
    const request = {
      runId,
      confirm: true,
      tables: tables ?? undefined,
      sourceCompany: sourceCompany ?? undefined,
      force,
    };
    return `continue: ${commandLine("rollback", request)}`;
  }
  if (state !== "completed") return `continue: ${commandLine(name, { runId })}`;

  const verify = commandLine("verify", { runId });
  if (report.rejects.length > 0) {
    const retry = start({ retryRejects: true });
    return `mend the source or the view, then take the rejects again: ${retry}`;
  }
  if (verification === null) return `verify it: ${verify}`;
  if (verification.state === "running") {
    const { verificationId } = verification;
    return `continue the verification: ${commandLine("verify", { verificationId })}`;
  }
  if (verification.state === "different") return `mend what differs, then verify again: ${verify}`;
  if (report.users !== null && report.entities.some(({ deferred }) => deferred > 0)) {
    return `load what waits, whenever users have come: ${resolve}`;
  }
  return "nothing: every source row is where it belongs";
}
