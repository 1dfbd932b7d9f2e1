import { canonicalText } from "../core/documents/canonical_text.ts";
import { documentHash } from "../core/documents/document_hash.ts";
import type { Found } from "./document_sink.ts";
import { exactDocument, readBson } from "./exact_document.ts";
import { BSON } from "./mongodb.ts";

/** A document as the database stores it. */
export interface FoundDocument extends Found {
  readonly seen: Uint8Array;
}

/**
 * Reads what the database stores.
 *
 * @param bytes A BSON document.
 */
export function foundDocument(bytes: Uint8Array): FoundDocument {
  const document = readBson(bytes);
  return {
    id: idText(document._id),
    hash: documentHash(document),
    bson: () => BSON.ByteUtils.toBase64(bytes),
    seen: bytes,
    count: (path) => countItems(document, path.split(".")),
    fields: () =>
      new Map(Object.entries(document).map(([name, value]) => [name, canonicalText(value)])),
  };
}

/** Reads a document that was kept as base64, to be written to the byte. */
export function documentOf(base64: string): BSON.Document {
  return exactDocument(BSON.ByteUtils.fromBase64(base64));
}

/** An id as the engine knows it. */
export function idText(id: unknown): string {
  return id instanceof BSON.ObjectId ? id.toHexString() : canonicalText(id);
}

/** As the database looks for a path: under an array, in each of its items. */
function countItems(value: unknown, path: readonly string[]): number {
  const [name, ...rest] = path;
  if (name === undefined) return Array.isArray(value) ? value.length : 0;
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + countItems(item, path), 0);
  if (value === null || typeof value !== "object") return 0;
  return countItems((value as Record<string, unknown>)[name], rest);
}
