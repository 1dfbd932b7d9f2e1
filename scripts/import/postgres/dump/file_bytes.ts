import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const PIECE = 256 * 1024;

/**
 * Reads a file or a pipe once, from its beginning to its end.
 *
 * @returns Its pieces; each is to be used before the next.
 */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(PIECE);
  for (let read; (read = await file.read(bytes)) !== null;) yield bytes.subarray(0, read);
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
