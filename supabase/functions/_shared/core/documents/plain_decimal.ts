/**
 * Writes a decimal without an exponent, as Postgres writes a numeric.
 *
 * @param decimal As BSON's Decimal128 writes itself, such as `1E-8`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["1.10", "1E-8", "-2.5E+3", "NaN"].map(plainDecimal), [
 *   "1.10",
 *   "0.00000001",
 *   "-2500",
 *   "NaN",
 * ]);
 * ```
 */
export function plainDecimal(decimal: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?E([+-]\d+)$/.exec(decimal);
  if (!parts) return decimal;
  const [, sign, whole, fraction = "", power] = parts;
  const digits = whole! + fraction;
  const point = whole!.length + Number(power);
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  if (point > 0) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  return `${sign}0.${"0".repeat(-point)}${digits}`;
}
