import type { MigrateRequest, RunReport } from "./contract.ts";
import { drive } from "./drive.ts";
import type { Engine } from "./engine.ts";
import { LandfallError } from "./errors.ts";
import { log } from "./log.ts";
import type { Call } from "./serve.ts";
import { settings } from "./settings.ts";

/**
 * Rehearses, starts or continues a run, and works on it until it is over or the time is.
 *
 * @returns State `running` means that the time is over: the caller continues with the `runId`.
 */
export async function runPipeline(request: MigrateRequest, call: Call): Promise<RunReport> {
  const { engine, emit, signal } = call;
  const { pipeline = "", runId, dryRun = false, ...options } = request;
  if (dryRun) return await engine.dryRun(pipeline, options);

  const { budgetMs } = settings();
  const run = runId === undefined
    ? await engine.startRun(pipeline, options)
    : await resume(engine, runId, pipeline);
  log("started", { runId: run.runId, pipeline: run.pipeline, total: run.progress.total });
  emit({ event: "started", report: run });

  return await drive(engine, { ...run, runId: run.runId! }, {
    budgetMs,
    signal,
    onProgress: (progress) => emit({ event: "progress", progress }),
  });
}

/** Continues a run, unless it is another pipeline's than the caller thinks. */
async function resume(engine: Engine, runId: number, pipeline: string): Promise<RunReport> {
  if (pipeline !== "") {
    const run = await engine.runReport(runId);
    if (run.pipeline !== pipeline) {
      throw new LandfallError("LF001", `Run ${runId} is of pipeline ${run.pipeline}`, {
        details: `The request is for pipeline ${pipeline}.`,
        hint: "Call migrate with this runId, or name a run of the pipeline.",
      });
    }
  }
  return await engine.resumeRun(runId);
}
