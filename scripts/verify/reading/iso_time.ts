import { epochDay } from "./epoch_day.ts";
import { epochText } from "./epoch_text.ts";

/** More decimals are more than the buffer of Postgres holds. */
const ISO =
  /^[ \t-\r]*(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d{1,100})?)?(?: ?(?:Z|([+-])(\d\d)(?::?(\d\d))?))?)?[ \t-\r]*$/;

/**
 * Reads an ISO time as Postgres does: in UTC where no zone is named, to the nearest microsecond; a
 * second 60 and the hour 24 belong to the next minute and day.
 *
 * @returns The seconds since 1970 with six decimals; nothing for what is no such time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isoTime("2024-05-01 12:00:00.25+02"), "1714557600.250000");
 * assertEquals(isoTime("2024-05-01"), "1714521600.000000");
 * assertEquals(isoTime("2024-05-01 24:00:01"), undefined);
 * ```
 */
export function isoTime(text: string): string | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = 0, ...zoned] = parts;
  const [sign, zoneHour = 0, zoneMinute = 0] = zoned;
  const date = epochDay(Number(year), Number(month), Number(day));
  if (date === undefined || +hour > 24 || +minute > 59 || +second > 60) return undefined;
  if (+zoneHour > 15 || +zoneMinute > 59) return undefined;

  const seconds = +hour * 3600 + +minute * 60 + +second;
  const micros = fraction === 0 ? 0 : roundEven(Number(fraction) * 1e6);
  if (seconds > 86_400 || seconds === 86_400 && micros > 0) return undefined;
  const zone = +zoneHour * 3600 + +zoneMinute * 60;
  return epochText(date * 86_400 + seconds + (sign === "-" ? zone : -zone), micros);
}

/** The rounding of C's `rint`. */
function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below + below % 2;
  return rest < 0.5 ? below : below + 1;
}
