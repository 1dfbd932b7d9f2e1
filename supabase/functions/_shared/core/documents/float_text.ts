/** Beyond these powers of ten Postgres writes a number with an exponent. */
const LEAST_PLAIN = -4;
const MOST_PLAIN = 15;
/** So many digits name every double. */
const MOST_DIGITS = 17;

/**
 * Writes a double as Postgres does: the fewest digits that name it, with an exponent of two digits
 * or more when it is very small or very large.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0.1, 1e15, 1e-7, -0].map(floatText), ["0.1", "1e+15", "1e-07", "-0"]);
 * assertEquals(floatText(5.47e21), "5.470000000000001e+21");
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
 * JavaScript takes a number half way between two doubles for the even one; Postgres trusts no
 * reader's rounding and writes a digit more. Only large whole numbers have so few digits half way.
 */
function shortest(value: number): string {
  const text = value.toExponential();
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !isHalfWay(text, value)) return text;
  for (
    let fraction = text.split("e")[0]!.replace(/\D/g, "").length;
    fraction < MOST_DIGITS;
    fraction++
  ) {
    const longer = value.toExponential(fraction);
    if (!isHalfWay(longer, value)) return longer;
  }
  return value.toExponential(MOST_DIGITS - 1);
}

function isHalfWay(text: string, value: number): boolean {
  const [, whole, fraction = "", power] = /^-?(\d)(?:\.(\d+))?e\+(\d+)$/.exec(text)!;
  const zeros = Number(power) - fraction.length;
  if (zeros < 0) return false;
  const twice = 2n * BigInt(whole! + fraction) * 10n ** BigInt(zeros);
  const bits = new BigUint64Array(new Float64Array([Math.abs(value)]).buffer)[0]!;
  const [below, exact, above] = [bits - 1n, bits, bits + 1n].map(wholeOf);
  return twice === exact! + below! || twice === exact! + above!;
}

function wholeOf(bits: bigint): bigint {
  const value = new Float64Array(new BigUint64Array([bits]).buffer)[0]!;
  // beyond the largest double: no number of few digits is half way there
  return Number.isFinite(value) ? BigInt(value) : 0n;
}
