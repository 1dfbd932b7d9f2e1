import type { ResolveUsersReply } from "../../supabase/functions/_shared/replies.ts";
import { commandLine } from "./command_line.ts";
import { linkTables } from "./link_tables.ts";
import { printable } from "./printable.ts";
import { rollbackCounts } from "./rollback_counts.ts";
import { runSummary } from "./run_summary.ts";

/**
 * Says in lines of text who was linked and who still waits, what was loaded, which runs are in the
 * way, and in the last line what it came to.
 */
export function resolutionSummary(reply: ResolveUsersReply): string[] {
  return [
    ...linkTables(reply.users),
    ...reply.runs.flatMap(rows),
    ...reply.busy.flatMap(inTheWay),
    ...reply.errors.flatMap(standingStill),
    "",
    outcome(reply),
  ];
}

function rows(run: ResolveUsersReply["runs"][number]): string[] {
  const again = commandLine("migrate");
  return [
    "",
    `Rows of ${run.pipeline}:`,
    "",
    ...(run.rollback ? rollbackCounts(run.rollback) : []),
    ...runSummary(run, again),
  ];
}

function inTheWay({ pipeline, runId }: ResolveUsersReply["busy"][number]): string[] {
  return [
    "",
    `Rows of ${pipeline} wait until run ${runId} has ended: resolve users again then. ` +
    `What it is at: ${commandLine("status", { runId })}`,
  ];
}

function standingStill(error: ResolveUsersReply["errors"][number]): string[] {
  const { runId, code, message, details, hint } = error;
  return [
    "",
    `Run ${runId} stands still: ${code} ${printable(message)}`,
    ...[details, hint].flatMap((text) => text ? [`  ${printable(text)}`] : []),
  ];
}

function outcome({ dryRun, users }: ResolveUsersReply): string {
  const linked = users.reduce((sum, { linked }) => sum + linked, 0);
  const waiting = users.reduce((sum, { waiting }) => sum + waiting.users, 0);
  const counts = `${counted(linked)} ${dryRun ? "would be linked" : "linked"}, ${
    waiting.toLocaleString("en-US")
  } still without an account.`;
  return dryRun ? `Dry run: nothing was written. ${counts}` : counts;
}

function counted(users: number): string {
  return `${users.toLocaleString("en-US")} ${users === 1 ? "user" : "users"}`;
}
