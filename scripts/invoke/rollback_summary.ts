import type { RollbackReport } from "../../supabase/functions/_shared/replies.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { commandLine } from "./command_line.ts";
import { printable } from "./printable.ts";
import { rollbackCounts } from "./rollback_counts.ts";

/**
 * Says in lines of text what a roll-back did, or in a preview would do, and in the last line the
 * roll-back itself.
 *
 * @param request What was asked for, to be asked for again with `confirm`.
 */
export function rollbackSummary(
  report: RollbackReport,
  request: Readonly<Record<string, unknown>>,
): string[] {
  return [
    ...rollbackCounts(report),
    ...(report.preview ? newerRuns(report, request.anyOrder === true) : []),
    "",
    outcome(report, request),
  ];
}

function newerRuns(report: RollbackReport, anyOrder: boolean): string[] {
  const lines = report.newerRuns.map(({ runId, changed }) => {
    const done = changed === 0
      ? "has written the same tables"
      : `has changed ${changed.toLocaleString("en-US")} of these rows`;
    const then = anyOrder ? "" : ": roll it back first, or add --any-order";
    return `Run ${runId} is newer and ${done}${then}.`;
  });
  return lines.length > 0 ? ["", ...lines] : [];
}

function outcome(report: RollbackReport, request: Readonly<Record<string, unknown>>): string {
  const { runId, state, tables, sourceCompany } = report;
  if (report.preview) {
    const command = commandLine("rollback", { ...request, confirm: true });
    return `Preview: nothing was changed. Undo it with: ${command}`;
  }
  const took = duration(report.durationMs);
  const parts = [
    ...(tables ? [`${tables.length === 1 ? "table" : "tables"} ${tables.join(", ")}`] : []),
    ...(sourceCompany
      ? [`${sourceCompany.length === 1 ? "company" : "companies"} ${sourceCompany.join(", ")}`]
      : []),
  ];
  if (state === "rolled_back" || parts.length === 0) {
    return `Run ${runId} is rolled back in ${took}.`;
  }
  const subject = parts.join(" of ");
  const verb = (tables ?? sourceCompany)!.length === 1 ? "is" : "are";
  return printable(
    `${subject[0]!.toUpperCase()}${
      subject.slice(1)
    } of run ${runId} ${verb} rolled back in ${took}.`,
  );
}
