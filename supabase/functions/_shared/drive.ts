import type { AdvanceReport, RunReport } from "./replies.ts";
import { isActive } from "./core/is_active.ts";
import { driveSteps } from "./drive_steps.ts";
import type { Engine } from "./engine.ts";

/** How {@linkcode drive} works. Times are milliseconds. */
export interface DriveOptions {
  /** After this the run is left as it is, to be continued by the next call. */
  readonly budgetMs: number;
  /** Used when the run does not say. */
  readonly workers?: number | undefined;
  /** Ends the work early, for a caller who has gone. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AdvanceReport) => void;
}

/**
 * Works on a run with as many workers as it asks for, until it is over or the time is.
 *
 * @param run The run as it is now.
 * @returns The run as it is then: state `running` means that the next call continues it.
 */
export async function drive(
  engine: Engine,
  run: RunReport & { runId: number },
  options: DriveOptions,
): Promise<RunReport> {
  const { workers = options.workers, pauseMs } = run.options;
  if (isActive(run.state)) {
    await driveSteps((stepMs) => engine.advanceRun(run.runId, stepMs), {
      ...options,
      workers,
      pauseMs,
      task: { name: `run ${run.runId}`, again: `runId ${run.runId}` },
      done: run.progress.done,
      goesOn: ({ state }) => isActive(state),
    });
  }
  return await engine.runReport(run.runId);
}
