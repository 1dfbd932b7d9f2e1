import type { RunReport } from "../../supabase/functions/_shared/contract.ts";

/**
 * Says what the summary leaves out: the options the run was done with, how fast each entity went,
 * and what to do next.
 *
 * @param again The command that calls the function once more.
 */
export function explain(report: RunReport, again: string): string[] {
  const options = Object.entries(report.options).map(([name, value]) =>
    `${name} ${JSON.stringify(value)}`
  );
  const rates = report.entities.flatMap(({ entity, source, durationMs }) => {
    if (!durationMs) return [];
    const rate = Math.round(source / (durationMs / 1_000)).toLocaleString("en-US");
    return [`${entity}: ${rate} rows/s`];
  });
  return [
    `options  ${options.join(", ") || "none, all as usual"}`,
    `rates    ${rates.join(", ") || "too quick to tell"}`,
    `next     ${next(report, again)}`,
  ];
}

function next(report: RunReport, again: string): string {
  if (report.dryRun) return `migrate: ${again}`;
  if (report.state === "cancelled" || report.state === "rolled_back") {
    return "nothing: the run is over";
  }
  if (report.state !== "completed") return `continue: ${again} --run-id ${report.runId}`;
  if (report.rejects.length > 0) {
    return `mend the source or the view, then take the rejects again: ${again} --retry-rejects`;
  }
  return "nothing: every source row is where it belongs";
}
