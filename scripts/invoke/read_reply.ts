import {
  LinkReport,
  ResolveUsersReply,
  RollbackReport,
  RunReport,
  ScheduleReport,
  StatusReport,
  UnlinkReport,
  VerificationReport,
} from "../../supabase/functions/_shared/replies.ts";
import { commandLine } from "./command_line.ts";
import {
  EXIT,
  exitOfResolution,
  exitOfRollback,
  exitOfRun,
  exitOfUnlink,
  exitOfVerification,
} from "./exit_code.ts";
import { explain } from "./explain.ts";
import { linkSummary } from "./link_summary.ts";
import type { Invocation } from "./read_flags.ts";
import { resolutionSummary } from "./resolution_summary.ts";
import { rollbackSummary } from "./rollback_summary.ts";
import { runnerOf } from "./runner.ts";
import { runDetails } from "./run_details.ts";
import { runSummary } from "./run_summary.ts";
import { scheduleLines } from "./schedule_lines.ts";
import { statusSummary } from "./status_summary.ts";
import { unlinkSummary } from "./unlink_summary.ts";
import { verificationSummary } from "./verification_summary.ts";

/** A reply in a person's words. */
export interface Reading {
  readonly lines: readonly string[];
  /** What `--verbose` adds. */
  readonly explanation: readonly string[];
  readonly exitCode: number;
}

/** Puts a function's reply into words, with the exit code that goes with it. */
export function readReply({ name, body }: Invocation, reply: unknown): Reading {
  switch (name) {
    case "rollback": {
      const report = RollbackReport.parse(reply);
      const lines = rollbackSummary(report, body);
      return { lines, explanation: [], exitCode: exitOfRollback(report) };
    }
    case "verify": {
      const report = VerificationReport.parse(reply);
      const lines = verificationSummary(report);
      return { lines, explanation: [], exitCode: exitOfVerification(report) };
    }
    case "status": {
      const lines = body.runId === undefined
        ? statusSummary(StatusReport.parse(reply))
        : runDetails(RunReport.parse(reply));
      return { lines, explanation: [], exitCode: EXIT.clean };
    }
    case "resolve-users": {
      const report = ResolveUsersReply.parse(reply);
      return {
        lines: resolutionSummary(report),
        explanation: report.runs.flatMap((run) => explain(run, runnerOf(run))),
        exitCode: exitOfResolution(report),
      };
    }
    case "link-user": {
      const lines = linkSummary(LinkReport.parse(reply));
      return { lines, explanation: [], exitCode: EXIT.clean };
    }
    case "unlink-user": {
      const report = UnlinkReport.parse(reply);
      return { lines: unlinkSummary(report), explanation: [], exitCode: exitOfUnlink(report) };
    }
    case "schedule":
    case "unschedule": {
      const lines = scheduleLines(ScheduleReport.parse(reply));
      return { lines, explanation: [], exitCode: EXIT.clean };
    }
    default: {
      const report = RunReport.parse(reply);
      return {
        lines: runSummary(report, commandLine(runnerOf(report, name))),
        explanation: explain(report, runnerOf(report, name)),
        exitCode: name === "pause" || name === "cancel" ? EXIT.clean : exitOfRun(report),
      };
    }
  }
}
