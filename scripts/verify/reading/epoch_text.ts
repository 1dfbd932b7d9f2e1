/**
 * Writes a moment as `extract(epoch from moment)::text` does.
 *
 * @param seconds Whole seconds since 1970.
 * @param micros Microseconds after them, a million or more included.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(epochText(1714557600, 250_000), "1714557600.250000");
 * assertEquals(epochText(-1, 500_000), "-0.500000");
 * assertEquals(epochText(0, 1_000_000), "1.000000");
 * ```
 */
export function epochText(seconds: number, micros: number): string {
  const whole = seconds + Math.floor(micros / 1_000_000);
  const rest = micros % 1_000_000;
  const below = whole < 0 && rest > 0;
  const decimals = String(below ? 1_000_000 - rest : rest).padStart(6, "0");
  return below ? `-${-(whole + 1)}.${decimals}` : `${whole}.${decimals}`;
}
