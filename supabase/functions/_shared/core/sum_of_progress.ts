/** Rows that are done, and all there are. */
export interface Rows {
  readonly done: number;
  readonly total: number;
}

/**
 * How far several runs are together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const runs = [{ done: 5, total: 20 }, { done: 10, total: 10 }];
 *
 * assertEquals(sumOfProgress(runs), { done: 15, total: 30 });
 * ```
 */
export function sumOfProgress(runs: Iterable<Rows>): { done: number; total: number } {
  const sum = { done: 0, total: 0 };
  for (const { done, total } of runs) {
    sum.done += done;
    sum.total += total;
  }
  return sum;
}
