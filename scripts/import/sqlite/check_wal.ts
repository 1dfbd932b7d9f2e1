import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

type Sums = readonly [number, number];

/**
 * Looks whether the `-wal` beside a SQLite file is whole. SQLite stops at the first frame that is
 * damaged, without a word, and committed transactions behind it would be lost.
 *
 * A transaction at the end that was never committed is no damage.
 *
 * @param path The database file.
 * @returns Whether there is a `-wal` that holds anything.
 * @throws LF011 when it holds committed frames that SQLite will not read.
 */
export async function checkWal(path: string): Promise<boolean> {
  const damaged = (why: string) =>
    new LandfallError("LF011", `Cannot read ${path}: the -wal beside it is damaged`, {
      details: why,
      hint: "What the app wrote last would be missing. Copy both files again while the app is " +
        "stopped; or accept the loss: sqlite3 <a copy> 'pragma wal_checkpoint(truncate)'.",
    });

  using file = await open(`${path}-wal`);
  if (file === undefined) return false;
  const header = await read(file, HEADER_BYTES);
  if (header === undefined) return false;
  const magic = header.getUint32(0);
  // the lowest bit of the magic number is the byte order of the checksums
  const littleEndian = magic === MAGIC;
  const headerSums = sum(header, [0, 0], littleEndian, HEADER_BYTES - 8);
  if ((!littleEndian && magic !== MAGIC + 1) || !equals(headerSums, header, 24)) {
    throw damaged("Its header is not one that SQLite reads.");
  }

  const pageBytes = header.getUint32(8);
  let sums = headerSums;
  let broken: number | undefined;
  for (let frame = 1;; frame++) {
    const data = await read(file, FRAME_HEADER_BYTES + pageBytes);
    if (data === undefined) return true;
    // frames of other salts are left from before the -wal was begun anew
    const ours = data.getUint32(8) === header.getUint32(16) &&
      data.getUint32(12) === header.getUint32(20);
    if (!ours) return true;
    if (broken === undefined) {
      sums = sum(data, sums, littleEndian, 8);
      const page = new DataView(data.buffer, FRAME_HEADER_BYTES);
      sums = sum(page, sums, littleEndian, pageBytes);
      if (!equals(sums, data, 16)) broken = frame;
    }
    const commits = data.getUint32(4) !== 0;
    if (broken !== undefined && commits) {
      throw damaged(`Frame ${broken} is broken, and frame ${frame} commits a transaction.`);
    }
  }
}

async function open(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new LandfallError("LF011", `Cannot read ${path}`, {
      hint: "It holds what the app wrote last: make it readable, or copy both files.",
      cause: error,
    });
  }
}

/** So many bytes, or nothing when there are fewer. */
async function read(file: Deno.FsFile, length: number): Promise<DataView | undefined> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) return undefined;
    at += count;
  }
  return new DataView(bytes.buffer);
}

function sum(data: DataView, [one, two]: Sums, littleEndian: boolean, length: number): Sums {
  for (let at = 0; at < length; at += 8) {
    one = (one + data.getUint32(at, littleEndian) + two) >>> 0;
    two = (two + data.getUint32(at + 4, littleEndian) + one) >>> 0;
  }
  return [one, two];
}

function equals([one, two]: Sums, data: DataView, at: number): boolean {
  return one === data.getUint32(at) && two === data.getUint32(at + 4);
}
