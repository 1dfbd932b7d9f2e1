import { dateText } from "./date_text.ts";
import { jsonbText } from "./jsonb_text.ts";
import { numericText } from "./numeric_text.ts";
import { realHex } from "./real_hex.ts";
import type { Reading } from "./reading.ts";
import { timeReader } from "./time_reader.ts";

/** Gives a value's canonical text, null for NULL, and undefined for one that does not convert. */
export type TextReader = (text: string) => string | null | undefined;

const INTEGER = /^[ \t-\r]*([+-]?)0*(\d{1,19})[ \t-\r]*$/;
const SHORT_INTEGER = /^(?:0|-?[1-9]\d{0,17})$/;
const TRUE = /^[ \t-\r]*(?:tr?|true?|y|yes?|on|1)[ \t-\r]*$/i;
const FALSE = /^[ \t-\r]*(?:fa?|fals?|false|no?|off?|0)[ \t-\r]*$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OTHER_UUID = /^(?:(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}|\{(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}\})$/i;

/**
 * Makes the function that says, without Postgres, what {@link readingSql} makes of a staged text.
 *
 * The outcome is compared with what {@link canonicalSql} gives for the target's column. It never
 * converts what Postgres refuses. It refuses some of what Postgres converts: numbers as 0x1F, 1_000
 * or 0x1p3 and the words NaN and inf, times and dates that are not quite ISO, JSON that is nested
 * more than 1,000 deep or longer than 32 million characters. These come out as differences.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const read = textReader({ as: "integer", nulls: [""] });
 * assertEquals(read(" +007"), "7");
 * assertEquals(read(""), null);
 * assertEquals(read("7.0"), undefined);
 * ```
 */
export function textReader(reading: Reading): TextReader {
  const read = readerOf(reading);
  if (reading.as === "bytes" || !reading.nulls?.length) return read;
  const [first, ...others] = reading.nulls;
  if (others.length === 0) return (text) => text === first ? null : read(text);
  const nulls = new Set(reading.nulls);
  return (text) => nulls.has(text) ? null : read(text);
}

function readerOf(reading: Reading): TextReader {
  switch (reading.as) {
    case "text":
      return (text) => text;
    case "integer":
      return integerText;
    case "real":
      return realHex;
    case "numeric":
      return numericReader(reading.scale ?? Infinity);
    case "boolean":
      return booleanText;
    case "uuid":
      return uuidText;
    case "json":
      return jsonbText;
    case "date":
      return dateText;
    case "time":
      return timeReader(reading.units);
    case "bytes":
      return () => undefined;
  }
}

function integerText(text: string): string | undefined {
  if (SHORT_INTEGER.test(text)) return text;
  const [, sign, digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = BigInt(sign === "-" ? `-${digits}` : digits);
  return BigInt.asIntN(64, value) === value ? value.toString() : undefined;
}

function numericReader(scale: number): TextReader {
  return (text) => {
    const printed = numericText(text);
    if (!printed?.includes(".")) return printed;
    let end = printed.length;
    while (printed[end - 1] === "0") end--;
    const decimals = end - printed.indexOf(".") - 1;
    if (decimals > scale) return undefined;
    return printed.slice(0, decimals === 0 ? end - 1 : end);
  };
}

function booleanText(text: string): string | undefined {
  if (TRUE.test(text)) return "true";
  return FALSE.test(text) ? "false" : undefined;
}

function uuidText(text: string): string | undefined {
  if (UUID.test(text)) return text;
  if (!OTHER_UUID.test(text)) return undefined;
  const digits = text.replace(/[-{}]/g, "").toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
