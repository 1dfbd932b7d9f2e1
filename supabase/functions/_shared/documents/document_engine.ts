import type { AdvanceReport, VerificationAdvance } from "../replies.ts";
import type { Engine, Lease } from "../engine.ts";
import { log } from "../log.ts";
import type { DocumentSink } from "../sinks/document_sink.ts";
import { comparePage } from "./compare_page.ts";
import { previewExport } from "./preview_export.ts";
import { previewUndo } from "./preview_undo.ts";
import { pruneBatch } from "./prune_batch.ts";
import { undoBatch } from "./undo_batch.ts";
import { writeBatch } from "./write_batch.ts";

/**
 * The engine for a pipeline that writes documents: the same calls, of which those that work on a
 * run, a roll-back or a verification also write and read where SQL does not reach.
 *
 * Each does a batch or a page and is safe to repeat, whoever dies where.
 */
export function documentEngine(engine: Engine, sink: DocumentSink): Engine {
  return {
    ...engine,
    startRun: (pipeline, options) => engine.startExport(pipeline, options),
    dryRun: (pipeline, options) => previewExport(engine, sink, pipeline, options),
    advanceRun: (runId, budgetMs) => advanceRun(engine, sink, runId, budgetMs),
    previewRollback: (runId, options) => previewUndo(engine, sink, runId, options),
    advanceRollback: (runId) => advanceRollback(engine, sink, runId),
    advanceVerification: (verificationId) => advanceVerification(engine, sink, verificationId),
  };
}

async function advanceRun(
  engine: Engine,
  sink: DocumentSink,
  runId: number,
  budgetMs: number,
): Promise<AdvanceReport> {
  const { batch, prune, ...step } = await engine.takeDocuments(runId, budgetMs);
  if (batch !== null) {
    const lease = { ...batch, runId };
    try {
      const rows = await writeBatch(engine, sink, lease, batch);
      return { ...step, rows, done: step.done + rows };
    } catch (error) {
      await release(engine, lease);
      throw error;
    }
  }
  if (prune === null) return step;
  return { ...step, rows: await pruneBatch(engine, sink, runId, prune), idle: false };
}

async function release(engine: Engine, lease: Lease): Promise<void> {
  try {
    await engine.releaseDocuments(lease);
  } catch {
    // the lease runs out by itself, and why the batch failed is more to the point
    log("batch not released", { runId: lease.runId, seq: lease.seq });
  }
}

async function advanceRollback(
  engine: Engine,
  sink: DocumentSink,
  runId: number,
): Promise<AdvanceReport> {
  const { undo, ...step } = await engine.takeRollback(runId);
  if (undo === null) return step;
  const undone = await undoBatch(sink, undo);
  const mine = await engine.settleRollback(runId, undo, undone);
  const rows = mine ? undo.operations.length : 0;
  return { ...step, rows, done: Math.min(step.done + rows, step.total) };
}

async function advanceVerification(
  engine: Engine,
  sink: DocumentSink,
  verificationId: number,
): Promise<VerificationAdvance> {
  const { page, options, wholePipeline, ...step } = await engine.takeVerification(verificationId);
  if (page === null) return step;
  const found = await comparePage(engine, sink, page, {
    ...options,
    verificationId,
    wholePipeline,
  });
  const mine = await engine.settleVerification(verificationId, page, found);
  const rows = mine ? found.migrated ?? 0 : 0;
  return { ...step, rows, done: step.done + rows };
}
