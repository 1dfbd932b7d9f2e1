import { persist, type Task } from "./persist.ts";

/** How {@linkcode driveAlone} works. Times are milliseconds. */
export interface DriveAloneOptions<Step> {
  /** Named when the engine stays away. */
  readonly task: Task;
  /** After this the work is left as it is, to be continued by the next call. */
  readonly budgetMs: number;
  /** Ends the work early, for a caller who has gone. */
  readonly signal: AbortSignal;
  /** Whether there is work left after a step. */
  readonly goesOn: (step: Step) => boolean;
  readonly onProgress: (step: Step) => void;
}

/** Short, for progress; long enough that the calls cost nothing. */
const STEP_MS = 1_000;

/**
 * Does work that one caller does alone, step by step, until it is over or the time is: a roll-back,
 * a verification. For a run, which many workers share, there is `drive`.
 *
 * Every step is a transaction of its own and safe to repeat. At least one is done, however short
 * the time.
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
 * await driveAlone(() => Promise.resolve(steps.shift()!), {
 *   task: { name: "the count", again: "nothing" },
 *   budgetMs: 5_000,
 *   signal: new AbortController().signal,
 *   goesOn: (step) => step < 3,
 *   onProgress: (step) => seen.push(step),
 * });
 *
 * assertEquals(seen, [1, 2, 3]);
 * ```
 */
export async function driveAlone<Step>(
  advance: (budgetMs: number) => Promise<Step>,
  { task, budgetMs, signal, goesOn, onProgress }: DriveAloneOptions<Step>,
): Promise<void> {
  const deadline = performance.now() + budgetMs;
  for (let left = budgetMs; left > 0 && !signal.aborted; left = deadline - performance.now()) {
    const step = await persist(() => advance(Math.ceil(Math.min(STEP_MS, left))), task);
    onProgress(step);
    if (!goesOn(step)) return;
  }
}
