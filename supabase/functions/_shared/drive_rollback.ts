import type { DriveOptions } from "./drive.ts";
import { driveAlone } from "./drive_alone.ts";
import type { Engine } from "./engine.ts";

/**
 * Works on a roll-back that has begun, until it is over or the time is.
 *
 * @throws LF005 when the engine stays away; what the engine raises.
 */
export async function driveRollback(
  engine: Engine,
  runId: number,
  { budgetMs, signal, onProgress }: DriveOptions,
): Promise<void> {
  await driveAlone((stepMs) => engine.advanceRollback(runId, stepMs), {
    task: { name: `the roll-back of run ${runId}`, again: "the same request" },
    budgetMs,
    signal,
    goesOn: ({ state }) => state === "rolling_back",
    onProgress,
  });
}
