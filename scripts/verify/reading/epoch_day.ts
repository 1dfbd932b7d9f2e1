const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Counts the days from 1970-01-01 to a date of the years 1 to 9999.
 *
 * `Date.UTC` would take the years 1 to 99 for 1901 to 1999, and 30 February for a day in March.
 *
 * @param month From 1 to 12.
 * @returns Nothing for a day that the calendar does not have.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(epochDay(2024, 2, 29), 19_782);
 * assertEquals(epochDay(1, 1, 1), -719_162);
 * assertEquals(epochDay(2023, 2, 29), undefined);
 * ```
 */
export function epochDay(year: number, month: number, day: number): number | undefined {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && leap ? 29 : MONTHS[month - 1];
  if (year < 1 || days === undefined || day < 1 || day > days) return undefined;
  // years that begin in March have their leap day at the end
  const from = month > 2 ? year : year - 1;
  const leaps = Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400);
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return from * 365 + leaps + ofYear - 719_468;
}
