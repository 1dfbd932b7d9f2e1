import type { RunReport } from "./replies.ts";
import type { ExportDocumentsRequest } from "./requests.ts";
import { documentEngine } from "./documents/document_engine.ts";
import { runPipeline } from "./run_pipeline.ts";
import type { Call } from "./serve.ts";
import { openSink } from "./sinks/open_sink.ts";

/**
 * Rehearses, starts or continues a run that writes documents, and works on it until it is over or
 * the time is. The collections and their indexes are made first.
 *
 * @returns State `running` means that the time is over: the caller continues with the `runId`.
 * @throws LF006, LF015 or LF016 when the documents cannot go where they should, LF215 for a pipeline
 * that writes tables.
 */
export async function exportDocuments(
  request: ExportDocumentsRequest,
  call: Call,
): Promise<RunReport> {
  const { engine } = call;
  const { pipeline, runId, dryRun = false } = request;
  const collections = await engine.documentCollections(
    pipeline ?? (await engine.runReport(runId!)).pipeline,
  );
  await using sink = await openSink();
  if (!dryRun) await sink.prepare(collections);
  return await runPipeline(request, { ...call, engine: documentEngine(engine, sink) }, "documents");
}
