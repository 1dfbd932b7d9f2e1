import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const PIECE = 256 * 1024;

/**
 * Reads a file or a pipe once, from its beginning to its end.
 *
 * @param signal Ends it, also while a pipe gives nothing.
 * @returns Its pieces; each is to be used before the next.
 */
export async function* fileBytes(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    using file = await Promise.race([Deno.open(path), aborted.promise]);
    const bytes = new Uint8Array(PIECE);
    const read = () => Promise.race([file.read(bytes), aborted.promise]);
    for (let length; (length = await read()) !== null;) yield bytes.subarray(0, length);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Unpacks a .gz, also one that others were appended to.
 *
 * @throws {Error} when it is damaged or cut off.
 */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // what is read ahead must not be overwritten
  const copies = Readable.from(copied(bytes), { objectMode: true });
  yield* pipeline(copies, createGunzip({ chunkSize: PIECE }), () => {});
}

async function* copied(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) yield piece.slice();
}
