import { assertEquals } from "@std/assert";
import { callFunction } from "../../scripts/invoke/call_function.ts";
import type { Target } from "../../scripts/invoke/target.ts";
import { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** How a run is started and cut off. */
export interface Interruption {
  /** The request that starts the run. */
  readonly request: Readonly<Record<string, unknown>>;
  /** When it is cut off, in milliseconds from its beginning. */
  readonly afterMs: number;
  /** Cuts it off. Who calls the function goes away when the controller is aborted. */
  readonly cut: (caller: AbortController) => unknown;
}

/** What came of a run that was cut off. */
export interface InterruptedRun {
  /** Whether the run was still going on when it was cut off. */
  readonly inTime: boolean;
  /** Of the call that continued the run to its end. */
  readonly report: RunReport;
}

/** A run must be over by then, however it was cut off. */
const PATIENCE_MS = 30_000;

/**
 * Starts a run of pipeline kv through its edge function, cuts it off, and calls again with its id
 * until it is completed, as a person would.
 *
 * @throws What a call failed with, unless it says that another continues the run (LF005).
 */
export async function interruptRun(
  target: Target,
  { request, afterMs, cut }: Interruption,
): Promise<InterruptedRun> {
  const caller = new AbortController();
  const begun = Promise.withResolvers<number>();
  let ended = false;
  const answered = callFunction(target, "migrate-kv", request, {
    signal: caller.signal,
    onEvent: (event) => event.event === "started" && begun.resolve(event.report.runId!),
  })
    .catch((error) => caller.signal.aborted || expectInterruption(error))
    .finally(() => ended = true);

  const runId = await begun.promise;
  await sleep(afterMs);
  const inTime = !ended;
  await cut(caller);
  await answered;
  return { inTime, report: await finishRun(target, runId) };
}

async function finishRun(target: Target, runId: number): Promise<RunReport> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    try {
      const listener = { signal, onEvent: () => {} };
      const report = RunReport.parse(await callFunction(target, "migrate-kv", { runId }, listener));
      assertEquals(report.state, "completed");
      return report;
    } catch (error) {
      expectInterruption(error);
    }
    await sleep(50);
  }
}

function expectInterruption(error: unknown): void {
  if (!(error instanceof LandfallError) || error.code !== "LF005") throw error;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
