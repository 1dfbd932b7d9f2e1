import { decideUndo, type UndoDecision } from "../core/documents/decide_undo.ts";
import type { DocumentUndo } from "../document_replies.ts";
import { look } from "./look.ts";
import type { DocumentSink, Write } from "../sinks/document_sink.ts";

/** What became of documents that were to be undone, by source key. */
export interface Undone {
  readonly deleted: string[];
  readonly restored: string[];
  readonly released: string[];
  readonly left: { sourceKey: string; id: string; reason: string }[];
}

/**
 * Undoes documents that a run wrote: those that are still as it wrote them.
 *
 * @param preview Only says what would become of them.
 */
export async function undoBatch(
  sink: DocumentSink,
  { collection, operations, force }: DocumentUndo,
  { preview = false } = {},
): Promise<Undone> {
  const there = await look(sink, collection, operations);

  const undone: Undone = { deleted: [], restored: [], released: [], left: [] };
  const writes = new Map<string, { write: Write; decision: UndoDecision; sourceKey: string }>();
  for (const operation of operations) {
    const { sourceKey, id, before } = operation;
    const over = there.get(id);
    // it need not be what a run had written: others may have changed it before it was replaced
    const asBefore = over !== undefined && over.bson() === before ? [over.hash] : [];
    const beforeHashes = before === null ? operation.beforeHashes : asBefore;
    const decision = decideUndo({ ...operation, beforeHashes }, over?.hash, force);
    switch (decision.action) {
      case "leave":
        undone.left.push({ sourceKey, id, reason: decision.reason });
        break;
      case "nothing":
        undone[decision.outcome].push(sourceKey);
        break;
      case "delete":
        writes.set(id, { write: { kind: "delete", id, over: over! }, decision, sourceKey });
        break;
      case "restore":
        writes.set(id, {
          write: { kind: "restore", id, bson: before!, ...(over && { over }) },
          decision,
          sourceKey,
        });
    }
  }

  const failures = preview
    ? new Map()
    : await sink.write(collection, [...writes.values()].map(({ write }) => write));
  for (const [id, { decision, sourceKey }] of writes) {
    const failure = failures.get(id);
    if (failure === undefined) {
      undone[decision.action === "delete" ? "deleted" : "restored"].push(sourceKey);
    } else {
      undone.left.push({ sourceKey, id, reason: failure.reason ?? "it was changed since" });
    }
  }
  return undone;
}
