/**
 * The least or the most of numbers, some of which are not known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([extreme([3, null, 1], Math.min), extreme([null], Math.max)], [1, null]);
 * ```
 */
export function extreme(
  values: readonly (number | null)[],
  of: (...values: number[]) => number,
): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : of(...known);
}
