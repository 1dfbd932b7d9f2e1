import type { UnlinkReport } from "../../supabase/functions/_shared/replies.ts";
import { commandLine } from "./command_line.ts";
import { printable } from "./printable.ts";
import { runSummary } from "./run_summary.ts";

/**
 * Says in lines of text which rows went with a link, which were left and why, and in the last line
 * whose link was ended.
 */
export function unlinkSummary(report: UnlinkReport): string[] {
  const { legacyUserId, supabaseUserId, dryRun, runs } = report;
  const done = dryRun ? "would be unlinked" : "is unlinked";
  return [
    ...runs.flatMap((run) => [
      `Rows of ${run.pipeline}:`,
      "",
      ...runSummary(run, commandLine("migrate")),
      "",
    ]),
    `Legacy user ${printable(legacyUserId)} ${done} from account ${supabaseUserId}.`,
  ];
}
