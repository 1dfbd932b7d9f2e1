import type { RunReport } from "../../../supabase/functions/_shared/replies.ts";
import type { DemoSummary } from "./run_demo.ts";

/**
 * Holds the demo's numbers against each other: every key of the store is a row, a reject, a list or
 * nobody's; the dry run had told the run; the second run had nothing to do; the rows are what their
 * source gives, and an undo would take back exactly what the run wrote.
 *
 * @returns What does not add up, in sentences; nothing when all does.
 */
export function checkSummary(summary: DemoSummary): string[] {
  const { before, after, dryRun, run, again, verification, undo } = summary;
  const wrong: string[] = [];
  for (const { entity, records, rows } of after.entities) {
    const report = run.entities.find((each) => each.entity === entity);
    const rejected = report?.rejected ?? 0;
    if (records !== rows + rejected) {
      wrong.push(`${entity}: ${records} records are not ${rows} rows and ${rejected} rejects`);
    }
  }
  if (before.fingerprint !== after.fingerprint) wrong.push("The store has changed");
  if (outcome(dryRun) !== outcome(run)) wrong.push("The dry run had told something else");
  const written = again.entities.reduce((sum, each) => sum + each.inserted + each.updated, 0);
  if (written > 0) wrong.push(`The second run wrote ${written} rows`);
  if (verification.state !== "clean") wrong.push("The tables are not what the store gives");
  for (const { entity, deleted } of undo.entities) {
    const inserted = run.entities.find((each) => each.entity === entity)?.inserted;
    if (deleted !== inserted) wrong.push(`${entity}: ${deleted} of ${inserted} rows can be undone`);
  }
  for (const { state, error } of [run, again]) {
    if (state !== "completed") wrong.push(`A run ended as ${state}: ${error?.message}`);
  }
  return wrong;
}

/** A report without what differs from run to run: ids and times. */
function outcome({ entities, rejects, findings }: RunReport): string {
  const counts = entities.map(({ durationMs: _, ...rest }) => rest);
  return JSON.stringify([counts, rejects, findings]);
}
