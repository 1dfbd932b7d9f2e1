/** How a number tells a time. */
export type Unit = "seconds" | "milliseconds" | "microseconds" | "julian";

/** Numbers of days since 4714 B. C. that are a time between 1600 and 2500. */
const JULIAN = [2_305_447.5, 2_634_167.5] as const;

/** The smallest time after 1973 in each unit: these do not overlap for three thousand years. */
const LEAST = [["microseconds", 1e14], ["milliseconds", 1e11], ["seconds", 1e8]] as const;
const MOST = 1e17;

/**
 * The unit in which a number may tell a time, by its size alone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([1_700_000_000, 1_700_000_000_000, 2_460_000.5, 42].map(timeUnit), [
 *   "seconds",
 *   "milliseconds",
 *   "julian",
 *   undefined,
 * ]);
 * ```
 */
export function timeUnit(value: number): Unit | undefined {
  if (value >= JULIAN[0] && value < JULIAN[1]) return "julian";
  return value < MOST ? LEAST.find(([, least]) => value >= least)?.[0] : undefined;
}
