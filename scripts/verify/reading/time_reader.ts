import { epochText } from "./epoch_text.ts";
import { isoTime } from "./iso_time.ts";
import { realHex } from "./real_hex.ts";
import type { TimeUnit } from "./reading.ts";

const NUMBER = /^[ \t-\r]*([1-9]\d{7,16})(?:(\.)(\d{0,100}))?[ \t-\r]*$/;

/**
 * Makes the function that reads times written in these units as {@link timeSql} does.
 *
 * @returns It gives the seconds since 1970 with six decimals, and nothing for what is no such time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const read = timeReader(["seconds", "milliseconds"]);
 * assertEquals(read("1714557600.25"), "1714557600.250000");
 * assertEquals(read("1714557600250"), "1714557600.250000");
 * assertEquals(read("2024-05-01"), undefined);
 * ```
 */
export function timeReader(units: readonly TimeUnit[]): (text: string) => string | undefined {
  const [seconds, milliseconds, microseconds, julian, iso] = [
    units.includes("seconds"),
    units.includes("milliseconds"),
    units.includes("microseconds"),
    units.includes("julian"),
    units.includes("iso"),
  ];
  return (text) => {
    const value = Number(text);
    // an ISO time is no number, and a number is no ISO time
    if (Number.isNaN(value)) return iso ? isoTime(text) : undefined;
    if (value >= 1e14) return microseconds && value < 1e17 ? sinceEpoch(text, 6) : undefined;
    if (value >= 1e11) return milliseconds ? sinceEpoch(text, 3) : undefined;
    if (value >= 1e8) return seconds ? sinceEpoch(text, 0) : undefined;
    if (!julian || value < 2305447.5 || value >= 2634167.5) return undefined;
    return realHex(text) === undefined ? undefined : julianTime(value);
  };
}

/** @param shift How many of the whole digits are behind the second. */
function sinceEpoch(text: string, shift: number): string | undefined {
  const [, digits, point, fraction] = NUMBER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const unit = 10 ** (6 - shift);
  const end = digits.length - shift;
  const behind = shift === 0 ? 0 : Number(digits.slice(end)) * unit;
  const rest = point === undefined || fraction === "" ? 0 : Number(`.${fraction}`) * unit;
  const micros = Math.floor(rest);
  // half a microsecond is dropped, as intervals do
  return epochText(Number(digits.slice(0, end)), behind + micros + (rest - micros > 0.5 ? 1 : 0));
}

function julianTime(day: number): string {
  const milliseconds = Math.floor(day * 86_400_000 + 0.5) - 210_866_760_000_000;
  const seconds = Math.floor(milliseconds / 1000);
  return epochText(seconds, (milliseconds - seconds * 1000) * 1000);
}
