import type { RollbackReport } from "./replies.ts";
import type { RollbackRequest } from "./requests.ts";
import { reachDocuments } from "./documents/reach_documents.ts";
import { driveRollback } from "./drive_rollback.ts";
import { log } from "./log.ts";
import { notify } from "./notify.ts";
import type { Call } from "./serve.ts";
import { settings } from "./settings.ts";

/**
 * Previews the roll-back of a run, or with `confirm` starts or joins it and works on it until it is
 * over or the time is.
 *
 * @returns State `rolling_back` means that the time is over: the caller calls again with the same
 * request.
 * @throws LF201 to LF206 and LF401 when the run cannot be rolled back, LF402 when it is being rolled
 * back with other options, LF012 when a preview takes too long.
 */
export async function rollBack(
  request: RollbackRequest,
  call: Call,
): Promise<RollbackReport> {
  const { emit, signal } = call;
  const { runId, confirm = false, ...options } = request;
  await using reached = await reachDocuments(call.engine, await call.engine.runReport(runId));
  const { engine } = reached;
  if (!confirm) return await engine.previewRollback(runId, options);

  const { budgetMs } = settings();
  const begun = await engine.startRollback(runId, options);
  log("rolling back", { runId, pipeline: begun.pipeline, total: begun.progress.total });
  emit({ event: "started", report: begun });

  await driveRollback(engine, begun, {
    budgetMs,
    signal,
    onProgress: (progress) => emit({ event: "progress", progress }),
  });
  const report = await engine.rollbackReport(runId);
  if (report.state !== "rolling_back") await notify(engine, await engine.runReport(runId));
  return report;
}
