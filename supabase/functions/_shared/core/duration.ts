/**
 * Says a duration as a person would.
 *
 * @param ms Milliseconds; null when it is not known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([340, 12_340, 125_000, 7_380_000].map(duration), [
 *   "340 ms",
 *   "12.3 s",
 *   "2 min 5 s",
 *   "2 h 3 min",
 * ]);
 * ```
 */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Number((ms / 1_000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
