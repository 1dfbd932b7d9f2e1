import type { AdvanceReport, RunReport } from "./replies.ts";
import { isActive } from "./core/is_active.ts";
import type { Engine } from "./engine.ts";
import { persist } from "./persist.ts";

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

/** Used when nobody says: the smallest hosted databases have two cores. */
const USUAL_WORKERS = 2;
/** Short, for progress; long enough that the calls cost nothing. */
const STEP_MS = 1_000;
/** The engine does at least one batch a call, so this asks for just one. */
const ONE_BATCH_MS = 1;
/** Between the calls of a worker for whom others have left nothing. */
const SHORTEST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 100;

/**
 * Works on a run with as many workers as it asks for, until it is over or the time is.
 *
 * Every call of the engine is a transaction of its own: whatever happens here, nothing is lost and
 * nothing is done twice.
 *
 * @param run The run as it is now.
 * @returns The run as it is then: state `running` means that the next call continues it.
 */
export async function drive(
  engine: Engine,
  run: RunReport & { runId: number },
  options: DriveOptions,
): Promise<RunReport> {
  const deadline = performance.now() + options.budgetMs;
  const { workers = options.workers ?? USUAL_WORKERS, pauseMs = 0 } = run.options;
  let furthest = run.progress.done;
  const task = { name: `run ${run.runId}`, again: `runId ${run.runId}` };
  let over = !isActive(run.state);

  async function work(): Promise<void> {
    for (
      // at least one step, however short the time
      let wait = SHORTEST_WAIT_MS, left = options.budgetMs;
      left > 0 && !over && !options.signal.aborted;
      left = deadline - performance.now()
    ) {
      const budgetMs = pauseMs > 0 ? ONE_BATCH_MS : Math.ceil(Math.min(STEP_MS, left));
      const step = await persist(() => engine.advanceRun(run.runId, budgetMs), task);
      if (!isActive(step.state)) return;

      if (step.rows > 0) {
        // workers answer in any order, and a bar should not jump back
        furthest = Math.max(furthest, step.done);
        options.onProgress({ ...step, done: furthest });
        await sleep(Math.min(pauseMs, left));
      }
      wait = step.idle ? Math.min(wait * 2, LONGEST_WAIT_MS) : SHORTEST_WAIT_MS;
      if (step.idle) await sleep(Math.min(wait, left));
    }
  }

  // the first worker to end, for whatever reason, ends them all
  const ended = Array.from({ length: workers }, () => work().finally(() => over = true));
  for (const outcome of await Promise.allSettled(ended)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
  return await engine.runReport(run.runId);
}

function sleep(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
