/** Beyond these powers of ten Postgres writes a number with an exponent. */
const LEAST_PLAIN = -4;
const MOST_PLAIN = 15;

/**
 * Writes a double as Postgres does: the fewest digits that name it, with an exponent of two digits
 * or more when it is very small or very large.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0.1, 1e15, 1e-7, -0].map(floatText), ["0.1", "1e+15", "1e-07", "-0"]);
 * ```
 */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [digits, power] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= LEAST_PLAIN && exponent < MOST_PLAIN) return String(value);
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
