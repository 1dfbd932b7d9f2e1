import type { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type {
  ResolveUsersReply,
  RollbackReport,
  RunReport,
  UnlinkReport,
  VerificationReport,
} from "../../supabase/functions/_shared/replies.ts";

/** What the command answers to the shell. */
export const EXIT = {
  clean: 0,
  failed: 1,
  usage: 2,
  rejects: 3,
  different: 4,
  interrupted: 130,
} as const;

/**
 * The exit code of a run that was reported: 0 clean, 1 not completed or with a company that was
 * stopped, 3 with rejects.
 */
export function exitOfRun(report: RunReport): number {
  const stopped = report.companies?.stopped ?? [];
  if (report.state !== "completed" || stopped.length > 0) return EXIT.failed;
  return report.rejects.length > 0 ? EXIT.rejects : EXIT.clean;
}

/**
 * The exit code of a resolution: 1 when a run of it could not go on or was stopped, 3 with rejects
 * or when a roll-back left rows.
 */
export function exitOfResolution({ runs, errors }: ResolveUsersReply): number {
  if (errors.length > 0) return EXIT.failed;
  return worst(runs.map((run) => {
    return run.state === "rolled_back" ? exitOfRollback(run.rollback!) : exitOfRun(run);
  }));
}

/** The exit code of ending a link: 1 when a run of it was not completed, 3 when rows are left. */
export function exitOfUnlink({ runs }: UnlinkReport): number {
  return worst(runs.map((run) => {
    const code = exitOfRun(run);
    return code === EXIT.clean && run.leftovers.length > 0 ? EXIT.rejects : code;
  }));
}

/** Of the exit codes of runs, the one that says most. */
function worst(codes: readonly number[]): number {
  return [EXIT.failed, EXIT.rejects].find((code) => codes.includes(code)) ?? EXIT.clean;
}

/** The exit code of a roll-back or its preview: 0 when it leaves nothing, 3 when rows are left. */
export function exitOfRollback({ entities }: RollbackReport): number {
  return entities.some(({ left }) => left > 0) ? EXIT.rejects : EXIT.clean;
}

/** The exit code of a verification: 0 clean, 4 different. */
export function exitOfVerification({ state }: VerificationReport): number {
  return state === "clean" ? EXIT.clean : EXIT.different;
}

/** The exit code of a failure: 2 when the caller asked for something that cannot be, else 1. */
export function exitOfFailure(error: LandfallError): number {
  return error.failure.usage ? EXIT.usage : EXIT.failed;
}
