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
  const [digits, power] = shortest(value).split("e");
  const exponent = Number(power);
  if (exponent >= LEAST_PLAIN && exponent < MOST_PLAIN) return String(value);
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/**
 * JavaScript takes digits half way between two doubles, when they are read as this one; Postgres
 * writes one more. Only whole numbers beyond 2^53 have such digits.
 */
function shortest(value: number): string {
  const text = value.toExponential();
  const [digits, power] = text.split("e");
  const decimals = digits!.split(".")[1]?.length ?? 0;
  if (Math.abs(value) < 2 ** 53 || Number(power) < decimals) return text;

  const named = BigInt(digits!.replace(".", "")) * 10n ** BigInt(Number(power) - decimals);
  const exact = BigInt(value);
  const away = named < exact ? exact - named : named - exact;
  const bits = (exact < 0n ? -exact : exact).toString(2).length;
  const step = 1n << BigInt(bits - 53);
  return away * 2n === step ? value.toExponential(decimals + 1) : text;
}
