import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { entityTable } from "./entity_table.ts";
import { printable } from "./printable.ts";
import { runReasons } from "./run_reasons.ts";
import { stoppedCompanies } from "./stopped_companies.ts";

/**
 * Says in lines of text what became of a run: a table of its entities, the rejects by reason, the
 * findings, what could not be pruned, and in the last line the run itself.
 *
 * @param again The command that continues a run, without the run's id.
 */
export function runSummary(report: RunReport, again: string): string[] {
  return [
    ...entityTable(report.entities),
    ...runReasons(report),
    ...stoppedCompanies(report),
    "",
    ...outcome(report, again),
  ];
}

function outcome(report: RunReport, again: string): string[] {
  const { runId, state, error } = report;
  const took = duration(report.durationMs);
  if (report.dryRun) {
    const real = report.estimatedMs === null || report.estimatedMs === undefined
      ? ""
      : ` The real run will take about ${duration(report.estimatedMs)}.`;
    return [`Dry run in ${took}: nothing was written.${real}`];
  }
  switch (state) {
    case "completed":
      return [`Run ${runId} completed in ${took}.`];
    case "paused":
      return [`Run ${runId} is paused. Continue it with: ${again} --run-id ${runId}`];
    case "cancelled":
      return [`Run ${runId} is cancelled. What it wrote stays.`];
    case "failed":
      return [
        `Run ${runId} failed after ${took}` +
        (error ? `: ${error.code} ${printable(error.message)}` : "."),
        ...error?.hint ? [printable(error.hint)] : [],
        `Continue it with: ${again} --run-id ${runId}`,
      ];
    default:
      return [`Run ${runId} is ${state.replace("_", " ")}.`, ...lacking(report)];
  }
}

/** What tables lack while they are filled. */
function lacking({ rebuilds }: RunReport): string[] {
  return [...Map.groupBy(rebuilds, ({ entity }) => entity)].map(([entity, lacks]) =>
    `Until it is full, ${entity} lacks ${
      lacks.map(({ kind, name }) => `${kind} ${name}`).join(", ")
    }.`
  );
}
