import { decimal } from "./decimal.ts";

const [POSITIVE, NEGATIVE, INFINITE, MINUS_INFINITE] = [0x0000, 0x4000, 0xd000, 0xf000] as const;

/**
 * Encodes a number as Postgres sends and receives a numeric: digits to the base of ten thousand.
 *
 * @param value A number as JavaScript writes it, such as `-1.5e-7` or `Infinity`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * // three digits, of which the first has weight 1; positive; one decimal: 1 2345 6000
 * assertEquals([...numericField("12345.6")].join(" "), "0 3 0 1 0 0 0 1 0 1 9 41 23 112");
 * ```
 */
export function numericField(value: string): Uint8Array {
  const negative = value.startsWith("-");
  const plain = negative ? value.slice(1) : value;
  if (plain === "Infinity") return field(0, negative ? MINUS_INFINITE : INFINITE, 0, []);

  const { whole, decimals } = decimal(plain);
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, "0");
  const right = decimals.padEnd(Math.ceil(decimals.length / 4) * 4, "0");
  const digits = (left + right).match(/\d{4}/g)?.map(Number) ?? [];
  let weight = left.length / 4 - 1;
  while (digits[0] === 0) {
    digits.shift();
    weight--;
  }
  while (digits.at(-1) === 0) digits.pop();
  if (digits.length === 0) weight = 0;
  const sign = negative && digits.length > 0 ? NEGATIVE : POSITIVE;
  return field(weight, sign, decimals.length, digits);
}

function field(
  weight: number,
  sign: number,
  scale: number,
  digits: readonly number[],
): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 + digits.length * 2));
  [digits.length, weight, sign, scale, ...digits].forEach((part, place) =>
    view.setUint16(place * 2, part & 0xffff)
  );
  return new Uint8Array(view.buffer);
}
