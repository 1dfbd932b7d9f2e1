import type { RunReport } from "./replies.ts";
import type { MigrateRequest } from "./requests.ts";
import { drive } from "./drive.ts";
import type { Engine } from "./engine.ts";
import { LandfallError } from "./errors.ts";
import { log } from "./log.ts";
import { notify } from "./notify.ts";
import type { Call } from "./serve.ts";
import { settings } from "./settings.ts";

/**
 * Rehearses, starts or continues a run, and works on it until it is over or the time is.
 *
 * @param kind What the call's engine reaches.
 * @returns State `running` means that the time is over: the caller continues with the `runId`.
 * @throws LF215 for a run that writes what this function does not reach.
 */
export async function runPipeline(
  request: MigrateRequest,
  call: Call,
  kind: "tables" | "documents" = "tables",
): Promise<RunReport> {
  const { engine, emit, signal } = call;
  const { pipeline = "", runId, unlessStopped = false, dryRun = false, ...options } = request;
  if (dryRun) return await engine.dryRun(pipeline, options);

  const { budgetMs } = settings();
  const run = runId === undefined
    ? await engine.startRun(pipeline, options)
    : await resume(engine, runId, { pipeline, unlessStopped });
  refuseOtherKind(run, kind);
  log("started", { runId: run.runId, pipeline: run.pipeline, total: run.progress.total });
  emit({ event: "started", report: run });

  const report = await drive(engine, { ...run, runId: run.runId! }, {
    budgetMs,
    signal,
    onProgress: (progress) => emit({ event: "progress", progress }),
  });
  await notify(engine, report);
  return report;
}

/** Continues a run, unless it is another pipeline's than the caller thinks, or may stay stopped. */
async function resume(
  engine: Engine,
  runId: number,
  { pipeline, unlessStopped }: { pipeline: string; unlessStopped: boolean },
): Promise<RunReport> {
  if (pipeline === "" && !unlessStopped) return await engine.resumeRun(runId);

  const run = await engine.runReport(runId);
  if (pipeline !== "" && run.pipeline !== pipeline) {
    throw new LandfallError("LF001", `Run ${runId} is of pipeline ${run.pipeline}`, {
      details: `The request is for pipeline ${pipeline}.`,
      hint: "Call migrate with this runId, or name a run of the pipeline.",
    });
  }
  // to advance a run does not resume it, however it is stopped from here on
  return unlessStopped ? run : await engine.resumeRun(runId);
}

function refuseOtherKind({ runId, documents }: RunReport, kind: "tables" | "documents"): void {
  if (documents === (kind === "documents")) return;
  throw new LandfallError("LF215", `Run ${runId} writes ${documents ? "documents" : "tables"}`, {
    hint: `Call ${documents ? "export-documents" : "migrate"} with this runId.`,
  });
}
