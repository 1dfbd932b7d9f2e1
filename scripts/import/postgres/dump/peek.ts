/** UTF-8's mark at the beginning of a text. */
const MARK = [0xef, 0xbb, 0xbf];

/** What is read of, and how that begins. */
export interface Peeked {
  readonly head: Uint8Array;
  /** With its head. Returning closes what is read, also when nothing was taken yet. */
  readonly bytes: AsyncGenerator<Uint8Array>;
}

/**
 * Looks at the beginning of what is read, which stays to be read. A mark of UTF-8 is left out.
 *
 * @param size How many bytes of it are wanted, if there are so many.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * async function* pieces() {
 *   yield new Uint8Array([1]);
 *   yield new Uint8Array([2, 3]);
 * }
 * const { head, bytes } = await peek(pieces(), 2);
 * assertEquals([...head], [1, 2]);
 * assertEquals((await Array.fromAsync(bytes)).flatMap((piece) => [...piece]), [1, 2, 3]);
 * ```
 */
export async function peek(pieces: AsyncGenerator<Uint8Array>, size: number): Promise<Peeked> {
  let held = new Uint8Array();
  while (held.length < size) {
    const { value, done } = await pieces.next();
    if (done) break;
    const joined = new Uint8Array(held.length + value.length);
    joined.set(held);
    joined.set(value, held.length);
    held = joined;
  }
  const hasMark = MARK.every((byte, place) => held[place] === byte);
  const text = hasMark ? held.subarray(MARK.length) : held;
  const bytes = replay(text, pieces);
  await bytes.next();
  return { head: text.subarray(0, size), bytes };
}

async function* replay(
  head: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    // only a generator that has begun can be closed
    yield head;
    yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
