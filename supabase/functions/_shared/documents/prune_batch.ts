import type { DocumentPrune } from "../document_replies.ts";
import type { Engine } from "../engine.ts";
import { look } from "./look.ts";
import type { DocumentSink, Failure, Found, Write } from "../sinks/document_sink.ts";

const CHANGED = "it was changed since";

/**
 * Deletes the documents whose source keys have vanished, those that are still as they were written,
 * and tells the engine what became of each.
 *
 * @returns How many were accounted for.
 */
export async function pruneBatch(
  engine: Engine,
  sink: DocumentSink,
  runId: number,
  { entityId, collection, operations }: DocumentPrune,
): Promise<number> {
  const there = await look(sink, collection, operations);

  const deleted: string[] = [];
  const gone: string[] = [];
  const left: { sourceKey: string; id: string; reason: string }[] = [];
  const doomed = new Map<string, { sourceKey: string; over: Found }>();
  for (const { sourceKey, id, adopted, ours, noted } of operations) {
    const over = there.get(id);
    if (adopted) left.push({ sourceKey, id, reason: "it was there before it was migrated" });
    // a worker died after it had deleted the document
    else if (over === undefined) (noted ? deleted : gone).push(sourceKey);
    else if (ours.includes(over.hash)) doomed.set(id, { sourceKey, over });
    else left.push({ sourceKey, id, reason: CHANGED });
  }

  if (doomed.size > 0) {
    const notes = [...doomed.values()].map(({ sourceKey, over }) => ({
      sourceKey,
      bson: over.bson(),
    }));
    await engine.notePruned(runId, entityId, notes);
    const writes = [...doomed].map(([id, { over }]): Write => ({ kind: "delete", id, over }));
    const failures = await sink.write(collection, writes);
    for (const [id, { sourceKey }] of doomed) {
      const failure = failures.get(id);
      if (failure === undefined) deleted.push(sourceKey);
      else left.push({ sourceKey, id, reason: reasonOf(failure) });
    }
  }
  await engine.settlePruned(runId, entityId, { deleted, gone, left });
  return operations.length;
}

function reasonOf(failure: Failure): string {
  return failure.kind === "refused" ? failure.reason : CHANGED;
}
