import type { RunReport } from "../../supabase/functions/_shared/contract.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { table } from "./table.ts";

/** Reasons beyond these are counted; `--json` has them all. */
const MOST_REASONS = 15;

/**
 * Says in lines of text what became of a run: a table of its entities, the rejects by reason, the
 * findings, and in the last line the run itself.
 *
 * @param again The command that continues a run, without the run's id.
 */
export function runSummary(report: RunReport, again: string): string[] {
  return [
    ...entities(report),
    ...reasons("rejected because", report.rejects.map((r) => ({ ...r, what: r.reason }))),
    ...reasons("finding", report.findings.map((f) => ({ ...f, what: f.reason ?? f.finding }))),
    "",
    ...outcome(report, again),
  ];
}

function entities(report: RunReport): string[] {
  const head = [
    "entity",
    "source",
    "inserted",
    "updated",
    "unchanged",
    "rejected",
    "deferred",
    "time",
  ];
  const rows = report.entities.map((row) => [
    row.entity,
    row.source,
    row.inserted,
    row.updated,
    row.unchanged,
    row.rejected,
    row.deferred,
    duration(row.durationMs),
  ]);
  return table(head, rows);
}

interface Reason {
  readonly entity: string;
  readonly what: string;
  readonly count: number;
  readonly sample: readonly string[];
}

function reasons(title: string, all: readonly Reason[]): string[] {
  if (all.length === 0) return [];
  const top = all.toSorted((one, other) => other.count - one.count).slice(0, MOST_REASONS);
  const rows = top.map((row) => [row.entity, row.what, row.count, row.sample[0] ?? ""]);
  const rest = all.length - top.length;
  return [
    "",
    ...table(["entity", title, "rows", "for example"], rows),
    ...(rest > 0 ? [`and ${rest} more, see --json`] : []),
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
        (error ? `: ${error.code} ${error.message}` : "."),
        `Continue it with: ${again} --run-id ${runId}`,
      ];
    default:
      return [`Run ${runId} is ${state.replace("_", " ")}.`];
  }
}
