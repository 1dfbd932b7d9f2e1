import type { DriveOptions } from "./drive.ts";
import { driveSteps } from "./drive_steps.ts";
import type { Engine } from "./engine.ts";
import type { RollbackReport } from "./replies.ts";

/**
 * Works on a roll-back that has begun, until it is over or the time is.
 *
 * @param begun The roll-back as it is now.
 * @throws LF005 when the engine stays away; what the engine raises.
 */
export async function driveRollback(
  engine: Engine,
  { runId, documents, progress }: RollbackReport,
  options: DriveOptions,
): Promise<void> {
  await driveSteps((stepMs) => engine.advanceRollback(runId, stepMs), {
    ...options,
    // whoever undoes documents does so alone
    workers: documents ? 1 : options.workers,
    task: { name: `the roll-back of run ${runId}`, again: "the same request" },
    done: progress.done,
    goesOn: ({ state }) => state === "rolling_back",
  });
}
