import { decideUndo, type UndoDecision } from "../core/documents/decide_undo.ts";
import type { DocumentUndo } from "../document_replies.ts";
import { look } from "./look.ts";
import type { DocumentSink, Failure, Found, Write } from "../sinks/document_sink.ts";

/** What became of documents that were to be undone, by source key. */
export interface Undone {
  readonly deleted: string[];
  readonly restored: string[];
  readonly released: string[];
  readonly left: { sourceKey: string; id: string; reason: string }[];
}

type Operation = DocumentUndo["operations"][number];

const CHANGED = "it was changed since";
/** A document that others write all the time is left to them. */
const TRIES = 3;

/**
 * Undoes documents that a run wrote: those that are still as it wrote them. What somebody else, such
 * as another worker, has written since it was looked at is looked at again.
 *
 * @param preview Only says what would become of them.
 */
export async function undoBatch(
  sink: DocumentSink,
  { collection, operations, force }: DocumentUndo,
  { preview = false } = {},
): Promise<Undone> {
  const undone: Undone = { deleted: [], restored: [], released: [], left: [] };
  const leave = ({ sourceKey, id }: Operation, reason: string) =>
    undone.left.push({ sourceKey, id, reason });

  let left: readonly Operation[] = operations;
  for (let attempt = 1; left.length > 0; attempt++) {
    const there = await look(sink, collection, left);
    const writes = new Map<string, { operation: Operation; write: Write }>();
    for (const operation of left) {
      const { id } = operation;
      const over = there.get(id);
      const decision = decide(operation, over, force);
      if (decision.action === "leave") leave(operation, decision.reason);
      else if (decision.action === "nothing") {
        undone[decision.outcome].push(operation.sourceKey);
      } else if (decision.action === "delete") {
        writes.set(id, { operation, write: { kind: "delete", id, over: over! } });
      } else {
        const bson = operation.before!;
        writes.set(id, {
          operation,
          write: { kind: "restore", id, bson, ...(over && { over }) },
        });
      }
    }

    const failures = preview
      ? new Map<string, Failure>()
      : await sink.write(collection, [...writes.values()].map(({ write }) => write));
    const again: Operation[] = [];
    for (const [id, { operation, write }] of writes) {
      const failure = failures.get(id);
      if (failure === undefined) {
        undone[write.kind === "delete" ? "deleted" : "restored"].push(operation.sourceKey);
      } else if (failure.kind === "refused") leave(operation, failure.reason);
      else if (attempt < TRIES) again.push(operation);
      else leave(operation, CHANGED);
    }
    left = again;
  }
  return undone;
}

function decide(operation: Operation, over: Found | undefined, force: boolean): UndoDecision {
  const { before } = operation;
  // it need not be what a run had written: others may have changed it before it was replaced
  const asBefore = over !== undefined && over.bson() === before ? [over.hash] : [];
  const beforeHashes = before === null ? operation.beforeHashes : asBefore;
  return decideUndo({ ...operation, beforeHashes }, over?.hash, force);
}
