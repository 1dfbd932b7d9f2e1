import { decideWrite, type Written } from "../core/documents/decide_write.ts";
import type { DocumentBatch } from "../document_replies.ts";
import type { Engine, Lease } from "../engine.ts";
import { look } from "./look.ts";
import type { DocumentSink, Write } from "../sinks/document_sink.ts";

type Operation = DocumentBatch["operations"][number];

interface Rejected {
  readonly sourceKey: string;
  readonly id: string;
  readonly reasons: string[];
  readonly details: string[];
  /** A worker who is gone had it on record, and has not written it. */
  readonly gone: boolean;
  /** It was written, before its source has become such that it is rejected. */
  readonly stays: boolean;
}

interface Outcomes {
  readonly updated: string[];
  readonly kept: string[];
  readonly rejected: Rejected[];
}

/** A document that others write all the time is left to them. */
const TRIES = 3;

/**
 * Writes a batch of documents, and tells the engine what became of each.
 *
 * What is rejected, and was on record already, is taken back where it was inserted.
 *
 * What is new is inserted without a look; what may be there is looked at first, and what is replaced
 * has its before image kept before it is.
 *
 * @returns How many documents were accounted for; none when the batch is another worker's by now.
 */
export async function writeBatch(
  engine: Engine,
  sink: DocumentSink,
  lease: Lease,
  { collection, onExisting, operations }: DocumentBatch,
): Promise<number> {
  const outcomes: Outcomes = { updated: [], kept: [], rejected: [] };
  const reject = (
    { sourceKey, id }: Operation,
    reasons: string[],
    { details = [] as string[], gone = false, stays = false } = {},
  ) => outcomes.rejected.push({ sourceKey, id, reasons, details, gone, stays });

  let left: readonly Operation[] = operations;
  for (let attempt = 1; left.length > 0; attempt++) {
    const there = await look(
      sink,
      collection,
      left.filter(({ known, pending }) => known || pending || attempt > 1),
    );
    const written = new Map<string, { operation: Operation; outcome: Written | "rejected" }>();
    const writes: Write[] = [];
    const notes: { sourceKey: string; id: string; hash: string; bson: string }[] = [];
    for (const operation of left) {
      const { sourceKey, id, document } = operation;
      const found = there.get(id);
      if (operation.reasons.length > 0) {
        const mine = found !== undefined && operation.attempted.includes(found.hash);
        if (!mine || operation.known) reject(operation, operation.reasons, { stays: mine });
        else {
          written.set(id, { operation, outcome: "rejected" });
          writes.push({ kind: "delete", id, over: found });
        }
        continue;
      }
      const decision = decideWrite(operation, found?.hash, onExisting, collection);
      if ("note" in decision && decision.note) {
        notes.push({ sourceKey, id, hash: found!.hash, bson: found!.bson() });
      }
      switch (decision.action) {
        case "reject":
          reject(operation, [decision.reason]);
          break;
        case "nothing":
          if (decision.outcome !== "inserted") outcomes[decision.outcome].push(sourceKey);
          break;
        case "insert":
          written.set(id, { operation, outcome: "inserted" });
          writes.push({ kind: "insert", id, document });
          break;
        case "replace":
          written.set(id, { operation, outcome: decision.outcome });
          writes.push({ kind: "replace", id, over: found!, document });
      }
    }
    if (notes.length > 0 && !await engine.noteDocuments(lease, notes)) return 0;

    const failures = await sink.write(collection, writes);
    const again: Operation[] = [];
    for (const [id, { operation, outcome }] of written) {
      const failure = failures.get(id);
      if (failure === undefined) {
        if (outcome === "updated") outcomes.updated.push(operation.sourceKey);
        if (outcome === "rejected") reject(operation, operation.reasons);
      } else if (failure.kind === "refused") {
        const gone = operation.pending && !there.has(id);
        reject(operation, [failure.reason], { details: [failure.details], gone });
      } else if (attempt < TRIES) {
        again.push(operation);
      } else {
        reject(operation, [`its document in ${collection} is being changed all the time`]);
      }
    }
    left = again;
  }
  return await engine.settleDocuments(lease, outcomes) ? operations.length : 0;
}
