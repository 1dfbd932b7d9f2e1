import { createHash } from "node:crypto";
import { canonicalText } from "./canonical_text.ts";

/**
 * The hash of a document, as the engine's SQL computes it: the first 64 bits of the MD5 of its
 * canonical text, as a signed number.
 *
 * Tells whether a document is the one that was written; it protects from nobody.
 *
 * @param document A document as the driver reads it without promoting any type.
 * @returns A decimal number in a text, because JavaScript's numbers have fewer digits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * // select ('x' || left(md5('{"a": null}'::jsonb::text), 16))::bit(64)::bigint
 * assertEquals(documentHash({ a: null }), "6065131111465262289");
 * ```
 */
export function documentHash(document: unknown): string {
  const digest = createHash("md5").update(canonicalText(document)).digest("hex");
  return BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`)).toString();
}
