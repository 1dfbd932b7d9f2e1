/** What Postgres prints as it was written. */
const PRINTED = /^(?:0|-?[1-9]\d{0,99})(?:\.\d{1,99})?$/;

const NUMBER = /^[ \t-\r]*([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?[ \t-\r]*$/;

/** What a numeric of Postgres holds, in digits before and behind the point. */
const MOST_WHOLE = 131_072;
const MOST_DECIMALS = 16_383;
/** Beyond it Postgres refuses even a zero. */
const MOST_EXPONENT = 1e9;

/**
 * Writes a number as Postgres prints it as a numeric: without an exponent, and with all decimals it
 * was written with (1.50 stays 1.50, 1e2 becomes 100, -0.0 becomes 0.0).
 *
 * What a numeric cannot hold is refused before its digits are written out.
 *
 * @returns Nothing for what is no number, NaN and Infinity included.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(numericText("1.5e-3"), "0.0015");
 * assertEquals(numericText("1e400")?.length, 401);
 * assertEquals(numericText("1e1000000"), undefined);
 * ```
 */
export function numericText(text: string): string | undefined {
  if (PRINTED.test(text)) return text;
  const [, sign, before, after = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  const shift = Number(exponent);
  if (before === undefined || Math.abs(shift) > MOST_EXPONENT) return undefined;
  const scale = Math.max(0, after.length - shift);
  if (scale > MOST_DECIMALS) return undefined;

  const digits = before + after;
  const first = digits.search(/[1-9]/);
  if (first === -1) return scale === 0 ? "0" : `0.${"0".repeat(scale)}`;
  const point = before.length + shift;
  if (point - first > MOST_WHOLE) return undefined;
  const whole = point <= first ? "0" : digits.slice(first, point).padEnd(point - first, "0");
  const decimals = digits.slice(Math.max(0, point)).padStart(scale, "0");
  return `${sign === "-" ? "-" : ""}${whole}${scale === 0 ? "" : `.${decimals}`}`;
}
