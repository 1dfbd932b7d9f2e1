/**
 * Writes out the exponent of a number.
 *
 * @param value A finite number without a sign, as JavaScript writes it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decimal("1.5e-7"), { whole: "0", decimals: "00000015" });
 * assertEquals(decimal("1.5e+3"), { whole: "1500", decimals: "" });
 * ```
 */
export function decimal(value: string): { whole: string; decimals: string } {
  const [mantissa = "", exponent = "0"] = value.split("e");
  const [before = "", after = ""] = mantissa.split(".");
  const shift = Number(exponent);
  const digits = before + after;
  const point = before.length + shift;
  if (point <= 0) return { whole: "0", decimals: "0".repeat(-point) + digits };
  return { whole: digits.slice(0, point).padEnd(point, "0"), decimals: digits.slice(point) };
}
