import { createHash, type Hash } from "node:crypto";

const LINE_FEED = 10;

/** Counts lines that arrive in pieces, and digests them whatever their order. */
export class LineDigest {
  #lines = 0;
  #empty = 0;
  #sum = 0n;
  #line: Hash | undefined;

  /** How many lines there were. */
  get lines(): number {
    return this.#lines;
  }

  /** How many of them hold nothing. */
  get empty(): number {
    return this.#empty;
  }

  /** The sum of the first 64 bits of each line's MD5, in 16 hexadecimal digits. */
  get digest(): string {
    return this.#sum.toString(16).padStart(16, "0");
  }

  update(bytes: Uint8Array): void {
    let from = 0;
    for (let to = bytes.indexOf(LINE_FEED); to >= 0; to = bytes.indexOf(LINE_FEED, from)) {
      this.#end(bytes.subarray(from, to));
      from = to + 1;
    }
    if (from < bytes.length) (this.#line ??= createHash("md5")).update(bytes.subarray(from));
  }

  #end(rest: Uint8Array): void {
    if (rest.length === 0 && this.#line === undefined) this.#empty++;
    const digest = (this.#line ?? createHash("md5")).update(rest).digest();
    this.#line = undefined;
    this.#lines++;
    this.#sum = BigInt.asUintN(64, this.#sum + digest.readBigUInt64BE());
  }
}
