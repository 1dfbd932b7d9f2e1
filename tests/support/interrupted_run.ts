import { assertEquals } from "@std/assert";
import { callFunction } from "../../scripts/invoke/call_function.ts";
import type { Target } from "../../scripts/invoke/target.ts";
import { RunReport } from "../../supabase/functions/_shared/contract.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Moment } from "./moments.ts";

/** How a run is started and cut off. */
export interface Interruption {
  /** The request that starts the run. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly moment: Moment;
  /** About as long as the work between two reports of progress. */
  readonly spacingMs: number;
  /** Cuts the run off. The caller of the function goes away when the controller is aborted. */
  readonly cut: (caller: AbortController) => unknown;
}

/** What came of a run that was cut off. */
export interface Interrupted {
  /** Whether the run had not ended before it was cut off. */
  readonly inTime: boolean;
  /** Of the call that continued the run to its end. */
  readonly report: RunReport;
}

/** A run must be over by then, however often it was cut off. */
const PATIENCE_MS = 30_000;

/**
 * Starts a run of pipeline kv through the edge function, cuts it off at a moment, and calls again
 * with its id until it is completed.
 *
 * @throws What the function failed with, unless it says that a call continues the run (LF005).
 */
export async function interruptRun(
  target: Target,
  { request, moment, spacingMs, cut }: Interruption,
): Promise<Interrupted> {
  const caller = new AbortController();
  const begun = Promise.withResolvers<number>();
  const reached = Promise.withResolvers<void>();
  let ended = false;
  const answered = callFunction(target, "migrate-kv", request, {
    signal: caller.signal,
    onEvent(event) {
      if (event.event === "started") begun.resolve(event.report.runId!);
      const done = event.event === "progress" ? event.progress.done / event.progress.total : 0;
      if (done >= moment.share) reached.resolve();
    },
  }).catch((error) => caller.signal.aborted || expectInterruption(error)).finally(() => {
    ended = true;
  });

  await Promise.race([reached.promise, answered]);
  await sleep(moment.beyond * spacingMs);
  const inTime = !ended;
  await cut(caller);
  await answered;
  return { inTime, report: await finish(target, await begun.promise) };
}

async function finish(target: Target, runId: number): Promise<RunReport> {
  const deadline = Date.now() + PATIENCE_MS;
  const listener = { signal: AbortSignal.timeout(PATIENCE_MS), onEvent: () => {} };
  while (Date.now() < deadline) {
    try {
      const report = RunReport.parse(await callFunction(target, "migrate-kv", { runId }, listener));
      if (report.state === "completed") return report;
      assertEquals(report.state, "running");
    } catch (error) {
      expectInterruption(error);
    }
    await sleep(50);
  }
  throw new Error(`Run ${runId} does not end`);
}

function expectInterruption(error: unknown): void {
  if (!(error instanceof LandfallError) || error.code !== "LF005") {
    console.log(String(error), JSON.stringify(error));
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
