import { epochDay } from "./epoch_day.ts";

const DATE = /^\d{4}-\d\d-\d\d$/;

/**
 * Reads a date, which is written as Postgres prints it: a four-digit year, month, day.
 *
 * @returns Nothing for what is no date of the calendar.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dateText("2024-02-29"), "2024-02-29");
 * assertEquals(dateText("2024-02-30"), undefined);
 * assertEquals(dateText("now"), undefined);
 * ```
 */
export function dateText(text: string): string | undefined {
  if (!DATE.test(text)) return undefined;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  return epochDay(year, month, Number(text.slice(8))) === undefined ? undefined : text;
}
