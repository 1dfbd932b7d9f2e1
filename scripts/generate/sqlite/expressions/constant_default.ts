import { literalTerm } from "./literal_term.ts";
import type { TimeUnit } from "./read_clock.ts";
import { refused } from "./refused.ts";
import type { Kind, Refused } from "./term.ts";
import { textLiteral } from "./text_literal.ts";
import type { Translation } from "./translate_condition.ts";

/** A default that is the same for every row. */
export type Constant =
  | { readonly number: string }
  | { readonly text: string }
  | { readonly bytes: Uint8Array };

/** A column as its default is made for it. */
export interface DefaultColumn {
  readonly kind: Kind;
  /** What its values in SQLite count since 1970, when they became a time. */
  readonly timeUnit?: TimeUnit;
}

const NAMES: Readonly<Record<Kind, string>> = {
  text: "text",
  integer: "integer",
  real: "real",
  numeric: "number",
  boolean: "boolean",
  time: "time",
  date: "date",
  uuid: "uuid",
  json: "JSON",
  bytes: "blob",
};
const DIGITS: Readonly<Record<TimeUnit, number>> = { seconds: 0, milliseconds: 3, microseconds: 6 };
const TIME =
  /^(?<day>\d{4}-\d\d-\d\d)[ T](?<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(?:Z|[+]00:?00)?$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What jsonb refuses although it is JSON: NUL, and half a character. */
const UNREADABLE = /\\u(?:0000|d[89a-f])/i;

/**
 * Translates a default that is a constant, as the column holds it: SQLite makes 0 of '0' in a
 * column of integers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const sql = (...given: Parameters<typeof constantDefault>) => {
 *   const found = constantDefault(...given);
 *   return found.kind === "translated" ? found.sql : found.why;
 * };
 * assertEquals(sql({ number: "1" }, { kind: "boolean" }), "true");
 * assertEquals(sql({ text: "0" }, { kind: "integer" }), "0");
 * assertEquals(sql({ text: "{}" }, { kind: "json" }), "'{}'::jsonb");
 * assertEquals(sql({ text: "" }, { kind: "uuid" }), "its default '' is no uuid");
 * assertEquals(
 *   sql({ number: "1700000000500" }, { kind: "time", timeUnit: "milliseconds" }),
 *   "to_timestamp(1700000000.500)",
 * );
 * ```
 */
export function constantDefault(constant: Constant, column: DefaultColumn): Translation {
  const term = literalTerm("bytes" in constant ? { bytes: constant.bytes } : constant);
  if (term.kind === "refused") return term;
  const { sql, literal } = term;
  const found = column.kind === "bytes"
    ? (term.kind === "bytes" ? sql : undefined)
    : "number" in constant
    ? fromNumber(sql, literal as number | bigint, column)
    : "text" in constant
    ? fromText(constant.text, column)
    : undefined;
  if (typeof found === "string") return { kind: "translated", sql: found };
  return found ?? refused(`its default ${sql} is no ${NAMES[column.kind]}`);
}

function fromNumber(sql: string, value: number | bigint, { kind, timeUnit }: DefaultColumn) {
  switch (kind) {
    case "integer":
      return typeof value === "bigint" || Number.isSafeInteger(value)
        ? whole(sql, value)
        : undefined;
    case "real":
    case "numeric":
      return sql;
    case "boolean":
      return value === 0n || value === 1n ? String(value === 1n) : undefined;
    case "text":
      return asWritten(value);
    case "time":
      return timeUnit && typeof value === "bigint" ? epoch(value, timeUnit) : undefined;
  }
}

function whole(sql: string, value: number | bigint): string {
  return typeof value === "bigint" ? sql : String(value);
}

/** As both SQLite and the import write a number into a column of texts. */
function asWritten(value: number | bigint): string | undefined {
  if (typeof value === "bigint") return `'${value}'`;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return undefined;
  return Object.is(value, -0) ? undefined : `'${Number.isInteger(value) ? `${value}.0` : value}'`;
}

function epoch(value: bigint, unit: TimeUnit): string | Refused {
  if (value <= 0n) {
    return refused(
      `its default ${value} would be a time in 1970 or before, and stands for no time`,
    );
  }
  const digits = DIGITS[unit];
  const padded = String(value).padStart(digits + 1, "0");
  const [seconds, rest] = [
    padded.slice(0, padded.length - digits),
    padded.slice(-digits || padded.length),
  ];
  return `to_timestamp(${rest === "" || /^0+$/.test(rest) ? seconds : `${seconds}.${rest}`})`;
}

function fromText(text: string, { kind }: DefaultColumn): string | undefined {
  switch (kind) {
    case "text":
      return textLiteral(text);
    case "integer":
      return /^\s*[+-]?\d{1,18}\s*$/.test(text) ? String(BigInt(text)) : undefined;
    case "real":
    case "numeric":
      return /^\s*-?(?:\d+\.?\d*|\.\d+)\s*$/.test(text) ? numberOf(text.trim()) : undefined;
    case "boolean":
      return /^(?:true|false|0|1)$/i.test(text) ? String(/^(?:true|1)$/i.test(text)) : undefined;
    case "time": {
      const { day, clock } = TIME.exec(text)?.groups ?? {};
      return isDay(day) ? `'${day} ${clock}+00'::timestamptz` : undefined;
    }
    case "date":
      return isDay(text) ? `'${text}'::date` : undefined;
    case "uuid":
      return UUID.test(text) ? `'${text.toLowerCase()}'::uuid` : undefined;
    case "json":
      return isJson(text) ? `${textLiteral(text)}::jsonb` : undefined;
  }
}

function numberOf(text: string): string | undefined {
  const term = literalTerm({ number: text });
  return term.kind === "refused" ? undefined : term.sql;
}

function isDay(text: string | undefined): boolean {
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text) || text < "0001") return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isJson(text: string): boolean {
  if (UNREADABLE.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
