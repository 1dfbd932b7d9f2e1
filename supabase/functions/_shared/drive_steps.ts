import { persist, type Task } from "./persist.ts";

/** What one call of a worker has done. */
export interface Step {
  /** Rows it worked on. */
  readonly rows: number;
  /** Rows done by all workers so far. */
  readonly done: number;
  /** Others hold all that is left. */
  readonly idle: boolean;
}

/** How {@linkcode driveSteps} works. Times are milliseconds. */
export interface DriveStepsOptions<S extends Step> {
  /** Named when the engine stays away. */
  readonly task: Task;
  /** Two when nobody says. */
  readonly workers?: number | undefined;
  /** After this the work is left as it is, to be continued by the next call. */
  readonly budgetMs: number;
  /** How long a worker rests after each batch, which its calls then are. */
  readonly pauseMs?: number | undefined;
  /** Rows done before. */
  readonly done: number;
  /** Ends the work early, for a caller who has gone. */
  readonly signal: AbortSignal;
  /** Whether there is work left after a step. */
  readonly goesOn: (step: S) => boolean;
  readonly onProgress: (step: S) => void;
}

/** The smallest hosted databases have two cores. */
const USUAL_WORKERS = 2;
/** Short, for progress; long enough that the calls cost nothing. */
const STEP_MS = 1_000;
/** The engine does at least one batch a call, so this asks for just one. */
const ONE_BATCH_MS = 1;
/** Between the calls of a worker for whom others have left nothing. */
const SHORTEST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 100;

/**
 * Does the engine's work step by step, with several workers, until it is over or the time is: a
 * run, a roll-back, a verification.
 *
 * Every step is a transaction of its own and safe to repeat: whatever happens here, nothing is lost
 * and nothing is done twice. At least one is done, however short the time.
 *
 * @param advance Works for about so many milliseconds.
 * @throws LF005 when the engine stays away; what the engine raises.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const steps = [1, 2, 3];
 * const seen: number[] = [];
 * await driveSteps(() => Promise.resolve({ rows: 1, done: steps.shift()!, idle: false }), {
 *   task: { name: "the count", again: "nothing" },
 *   workers: 1,
 *   budgetMs: 5_000,
 *   done: 0,
 *   signal: new AbortController().signal,
 *   goesOn: (step) => step.done < 3,
 *   onProgress: (step) => seen.push(step.done),
 * });
 *
 * assertEquals(seen, [1, 2, 3]);
 * ```
 */
export async function driveSteps<S extends Step>(
  advance: (budgetMs: number) => Promise<S>,
  options: DriveStepsOptions<S>,
): Promise<void> {
  const { task, workers = USUAL_WORKERS, budgetMs, pauseMs = 0, signal } = options;
  const deadline = performance.now() + budgetMs;
  let furthest = options.done;
  let over = false;

  async function work(): Promise<void> {
    for (
      let wait = SHORTEST_WAIT_MS, left = budgetMs;
      left > 0 && !over && !signal.aborted;
      left = deadline - performance.now()
    ) {
      const stepMs = pauseMs > 0 ? ONE_BATCH_MS : Math.ceil(Math.min(STEP_MS, left));
      const step = await persist(() => advance(stepMs), task);
      const isLast = !options.goesOn(step);
      // the end is told once
      if (isLast ? !over : !step.idle) {
        // workers answer in any order, and a bar should not jump back
        furthest = Math.max(furthest, step.done);
        options.onProgress({ ...step, done: furthest });
      }
      if (isLast) return;

      if (step.rows > 0) await sleep(Math.min(pauseMs, left));
      wait = step.idle ? Math.min(wait * 2, LONGEST_WAIT_MS) : SHORTEST_WAIT_MS;
      if (step.idle) await sleep(Math.min(wait, left));
    }
  }

  // the first worker to end, for whatever reason, ends them all
  const ended = Array.from({ length: workers }, () => work().finally(() => over = true));
  for (const outcome of await Promise.allSettled(ended)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

function sleep(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
