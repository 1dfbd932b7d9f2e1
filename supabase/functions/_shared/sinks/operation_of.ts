import type { Write } from "./document_sink.ts";
import { exactDocument } from "./exact_document.ts";
import { documentOf } from "./found_document.ts";
import { fromExtendedJson } from "./from_extended_json.ts";
import { type AnyBulkWriteOperation, BSON, ObjectId } from "./mongodb.ts";
import { TOO_LARGE_REASON } from "./write_failure.ts";

export type Operation = AnyBulkWriteOperation<BSON.Document>;

/** MongoDB's limit of a document, and of all that one write consists of. */
const LARGEST = 16 * 1024 * 1024;
/** What a write consists of beside its documents, and more. */
const FRAME = 1024;

/**
 * Makes of a write what the driver takes.
 *
 * A document that is replaced or deleted is only found as long as nobody has changed it since it was
 * looked at; one that is too large to be sent along is found by its size alone.
 *
 * @throws {RangeError} with {@linkcode TOO_LARGE_REASON}; {@linkcode Error} for a value that BSON
 * cannot hold.
 */
export function operationOf(write: Write): Operation {
  const seen = seenBy(write);
  if (write.kind === "delete") return { deleteOne: { filter: asSeen(write.id, seen!, 0) } };

  const document = documentToWrite(write);
  const size = write.kind === "restore"
    ? Math.ceil(write.bson.length * 3 / 4)
    : BSON.calculateObjectSize(document);
  if (size + (seen === undefined ? 0 : FRAME) >= LARGEST) throw new RangeError(TOO_LARGE_REASON);
  if (seen === undefined) return { insertOne: { document } };
  return { replaceOne: { filter: asSeen(write.id, seen, size), replacement: document } };
}

/** Whether a write is to find what was seen. */
export function isCompared(write: Write): boolean {
  return seenBy(write) !== undefined;
}

/** The document as the driver writes it. */
export function documentToWrite(write: Exclude<Write, { kind: "delete" }>): BSON.Document {
  return write.kind === "restore"
    ? documentOf(write.bson)
    : fromExtendedJson(write.document) as BSON.Document;
}

function seenBy(write: Write): Uint8Array | undefined {
  return write.kind === "insert" ? undefined : write.over?.seen;
}

function asSeen(id: string, seen: Uint8Array, besides: number): BSON.Document {
  const same = seen.length + besides + FRAME < LARGEST
    ? { $eq: ["$$ROOT", { $literal: exactDocument(seen) }] }
    : { $eq: [{ $bsonSize: "$$ROOT" }, seen.length] };
  return { _id: new ObjectId(id), $expr: same };
}
