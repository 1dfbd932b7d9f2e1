import type { ResolveUsersReply, RunReport } from "./replies.ts";
import { sumOfProgress } from "./core/sum_of_progress.ts";
import { reachDocuments } from "./documents/reach_documents.ts";
import { drive, type DriveOptions } from "./drive.ts";
import { driveRollback } from "./drive_rollback.ts";
import type { Engine } from "./engine.ts";
import { LandfallError } from "./errors.ts";
import { log } from "./log.ts";
import { notify } from "./notify.ts";
import type { Call } from "./serve.ts";

/** A run that is kept, not a dry one. */
export type KeptRun = RunReport & { readonly runId: number };

/** How {@linkcode driveAll} works. */
export interface DriveAllOptions {
  /** For all runs together, in milliseconds. */
  readonly budgetMs: number;
  /** Used when a run does not say. */
  readonly workers?: number | undefined;
}

/** What came of several runs. */
export type Driven = Pick<ResolveUsersReply, "runs" | "progress" | "errors">;

/** The engine does at least one batch a call, so this asks for just one. */
const ONE_BATCH_MS = 1;

/**
 * Works on several runs and roll-backs, one after the other, until they are over or the time is;
 * tells their ends.
 *
 * Each has its share of the time that is left, and does at least a batch. A run that cannot go on
 * does not keep the others from it: what is in its way is logged and returned.
 *
 * @param runs Runs that are planned, running or rolling back, as they are now.
 * @returns The runs as they are then; one that could not go on as it was.
 */
export async function driveAll(
  runs: readonly KeptRun[],
  { budgetMs, workers }: DriveAllOptions,
  { engine, emit, signal }: Call,
): Promise<Driven> {
  const at = new Map(runs.map((run) => [run.runId, progressOf(run)]));
  const reports: RunReport[] = [];
  const errors: Driven["errors"] = [];
  if (runs.length > 0) {
    emit({ event: "started", report: { state: "running", progress: sumOfProgress(at.values()) } });
  }

  const deadline = performance.now() + budgetMs;
  for (const [nth, run] of runs.entries()) {
    const share = (deadline - performance.now()) / (runs.length - nth);
    const options: DriveOptions = {
      budgetMs: Math.max(ONE_BATCH_MS, share),
      workers,
      signal,
      onProgress: (step) => {
        at.set(run.runId, step);
        emit({ event: "progress", progress: { ...step, ...sumOfProgress(at.values()) } });
      },
    };
    try {
      const report = await work(engine, run, options);
      await notify(engine, report);
      reports.push(report);
      at.set(run.runId, progressOf(report));
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      log("run stands still", { runId: run.runId, code: error.code });
      errors.push({ runId: run.runId, ...error.toJSON() });
      reports.push(run);
    }
  }
  return { runs: reports, progress: sumOfProgress(at.values()), errors };
}

async function work(engine: Engine, run: KeptRun, options: DriveOptions): Promise<RunReport> {
  await using reached = await reachDocuments(engine, run);
  if (run.rollback === null || run.state !== "rolling_back") {
    return await drive(reached.engine, run, options);
  }
  await driveRollback(reached.engine, run.rollback, options);
  return await engine.runReport(run.runId);
}

/** Rows of the run, or of its roll-back. */
function progressOf({ progress, rollback }: RunReport): Driven["progress"] {
  return rollback?.progress ?? progress;
}
