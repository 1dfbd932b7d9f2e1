/**
 * Writes a real as it is staged: the shortest digits that say it, with a point or an exponent, so
 * that it stays apart from an integer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(realText(7), "7.0");
 * assertEquals(realText(-0), "-0.0");
 * assertEquals(realText(1e21), "1e+21");
 * ```
 */
export function realText(value: number): string {
  const shortest = Object.is(value, -0) ? "-0" : value.toString();
  return /^-?\d+$/.test(shortest) ? `${shortest}.0` : shortest;
}
