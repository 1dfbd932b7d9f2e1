const REAL = /^[ \t-\r]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[ \t-\r]*$/;
const INFINITE = /^-?Infinity$/;
const NOT_ZERO = /^[^eE]*[1-9]/;

const view = new DataView(new ArrayBuffer(8));

/**
 * Reads a number as Postgres reads a float8, and writes its 64 bits in hexadecimal: both sides print
 * the shortest digits, but not in the same form.
 *
 * @returns Nothing for what is no number and for what a float8 can only hold as zero or as infinite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(realHex("0.5"), "3fe0000000000000");
 * assertEquals(realHex("-0.0"), "8000000000000000");
 * assertEquals(realHex("1e-400"), undefined);
 * ```
 */
export function realHex(text: string): string | undefined {
  const value = Number(text);
  if (Number.isFinite(value)) {
    if (!REAL.test(text) || value === 0 && NOT_ZERO.test(text)) return undefined;
  } else if (!INFINITE.test(text)) {
    return undefined;
  }
  view.setFloat64(0, value);
  return hex(view.getUint32(0)) + hex(view.getUint32(4));
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
