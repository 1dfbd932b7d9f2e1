const BLOCK = 512;
const SIZE_AT = 124;
const SIZE_DIGITS = 11;

/**
 * Whether a tar file reaches its end: pg_restore goes round in circles on one that was cut off.
 *
 * @param path A dump in tar format.
 */
export async function isWholeTar(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const head = new Uint8Array(BLOCK);
  for (let place = 0; place + BLOCK <= size;) {
    await file.seek(place, Deno.SeekMode.Start);
    if (await file.read(head) !== BLOCK) return false;
    // blocks of zeros stand at the end
    if (head.every((byte) => byte === 0)) return true;
    const digits = new TextDecoder().decode(head.subarray(SIZE_AT, SIZE_AT + SIZE_DIGITS));
    // beyond eight gigabytes the size is binary, after a byte that is no digit
    const bytes = head[SIZE_AT]! >= 0x80
      ? Number(new DataView(head.buffer).getBigUint64(SIZE_AT + 4))
      : parseInt(digits, 8);
    if (!(bytes >= 0)) return false;
    place += BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return false;
}
