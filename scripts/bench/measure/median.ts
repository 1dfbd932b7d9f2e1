/**
 * The middle of some numbers.
 *
 * @param numbers At least one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(median([9, 1, 2]), 2);
 * assertEquals(median([4, 1, 2, 9]), 3);
 * ```
 */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
