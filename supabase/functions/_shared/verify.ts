import type { VerificationReport } from "./replies.ts";
import type { VerifyRequest } from "./requests.ts";
import { reachDocuments } from "./documents/reach_documents.ts";
import { driveSteps } from "./drive_steps.ts";
import { log } from "./log.ts";
import type { Call } from "./serve.ts";
import { settings } from "./settings.ts";

/**
 * Starts or continues a verification, and works on it until it is over or the time is.
 *
 * @returns State `running` means that the time is over: the caller continues with the
 * `verificationId`.
 * @throws LF101, LF201 or LF501 when there is nothing to verify, LF204 for an unknown table, LF210
 * when rows are hidden, LF302 or LF303 when a transform fails or names a row twice or not at all,
 * LF502 without such a verification.
 */
export async function verify(
  request: VerifyRequest,
  { engine, emit, signal }: Call,
): Promise<VerificationReport> {
  const { pipeline, runId, verificationId, ...options } = request;
  const { budgetMs } = settings();
  const begun = verificationId === undefined
    ? await engine.startVerification({ pipeline, runId }, options)
    : await engine.verificationReport(verificationId);
  if (begun.state !== "running") return begun;

  const id = begun.verificationId;
  log("verifying", { verificationId: id, pipeline: begun.pipeline, total: begun.progress.total });
  emit({ event: "started", report: begun });

  await using reached = await reachDocuments(engine, begun);
  await driveSteps((stepMs) => reached.engine.advanceVerification(id, stepMs), {
    // whoever compares documents does so alone
    workers: begun.documents ? 1 : undefined,
    task: { name: `verification ${id}`, again: `verificationId ${id}` },
    budgetMs,
    done: begun.progress.done,
    signal,
    goesOn: ({ state }) => state === "running",
    onProgress: (progress) => emit({ event: "progress", progress }),
  });
  return await engine.verificationReport(id);
}
