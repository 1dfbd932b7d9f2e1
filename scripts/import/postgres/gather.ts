/** Enough to keep the other side at work while more comes. */
const ENOUGH = 256 * 1024;

/**
 * Joins small pieces to large ones: a database sends row by row, and each write has its price.
 *
 * @returns Large pieces, each to be used before the next is asked for, and how many small ones there
 * were so far.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * async function* rows() {
 *   yield new Uint8Array([1]);
 *   yield new Uint8Array([2, 3]);
 * }
 * for await (const { bytes, pieces } of gather(rows())) {
 *   assertEquals([[...bytes], pieces], [[1, 2, 3], 2]);
 * }
 * ```
 */
export async function* gather(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly pieces: number }> {
  const bytes = new Uint8Array(ENOUGH);
  let length = 0;
  let pieces = 0;
  for await (const piece of source) {
    pieces++;
    if (length + piece.length > ENOUGH) {
      yield { bytes: bytes.subarray(0, length), pieces };
      length = 0;
    }
    if (piece.length >= ENOUGH) {
      yield { bytes: piece, pieces };
    } else {
      bytes.set(piece, length);
      length += piece.length;
    }
  }
  if (length > 0) yield { bytes: bytes.subarray(0, length), pieces };
}
