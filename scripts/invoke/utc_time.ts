/**
 * Shows a moment to the second, in UTC.
 *
 * @param moment As ISO 8601; null when it is not known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(utcTime("2026-11-20T17:04:05.678+01:00"), "2026-11-20 16:04:05 UTC");
 * ```
 */
export function utcTime(moment: string | null | undefined): string {
  if (!moment) return "not yet";
  return `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
