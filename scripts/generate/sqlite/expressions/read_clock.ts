import { canonicalText } from "./canonical_text.ts";
import type { Expr } from "./parse_sqlite.ts";

/** A count since 1970. */
export type TimeUnit = "seconds" | "milliseconds" | "microseconds";

/** What an expression reads of the clock, in UTC. */
export type Clock =
  /** `step`: how many units it moves by at once. */
  | { readonly kind: "epoch"; readonly unit: TimeUnit; readonly fine: boolean }
  /** `template`: as to_char() of Postgres has it. */
  | { readonly kind: "text"; readonly template: string };

const NOW = "(?:'now')?";
const SECONDS = String.raw`(?:unixepoch\(${NOW}\)|strftime\('%s'(?:,'now')?\))`;
const FINE = String.raw`unixepoch\((?:'now',)?'subsec(?:ond)?'\)`;
const DAYS = String.raw`\(julianday\(${NOW}\)-2440587\.5\)`;
const EPOCHS: readonly (readonly [pattern: string, unit: TimeUnit, fine: boolean])[] = [
  [SECONDS, "seconds", false],
  [String.raw`\(${SECONDS}\*1\)|\(${SECONDS}\+0\)`, "seconds", false],
  [String.raw`\(${DAYS}\*86400(?:\.0)?\)`, "seconds", true],
  [String.raw`\(${SECONDS}\*1000\)|\(1000\*${SECONDS}\)`, "milliseconds", false],
  [String.raw`\(${FINE}\*1000\)|\(${DAYS}\*86400000(?:\.0)?\)`, "milliseconds", true],
  [String.raw`\(\(${DAYS}\*86400(?:\.0)?\)\*1000(?:\.0)?\)`, "milliseconds", true],
  [String.raw`\(${SECONDS}\*1000000\)|\(1000000\*${SECONDS}\)`, "microseconds", false],
];
const TEMPLATES: Readonly<Record<string, string>> = {
  "%Y": "YYYY",
  "%m": "MM",
  "%d": "DD",
  "%H": "HH24",
  "%M": "MI",
  "%S": "SS",
  "%f": "SS.MS",
  "%F": "YYYY-MM-DD",
  "%T": "HH24:MI:SS",
  "%R": "HH24:MI",
};
const FORMATS: Readonly<Record<string, string>> = {
  datetime: "%F %T",
  date: "%F",
  time: "%T",
};

/**
 * Recognizes the ways of reading the clock that schemas of SQLite have for their defaults.
 *
 * @returns Nothing for any other expression, also for the local time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 *
 * const read = (sql: string) => {
 *   const index = parseStatement(`create index i on t (a) where ${sql}`);
 *   return index?.type === "CreateIndexStmt" ? readClock(index.whereClause!) : undefined;
 * };
 * assertEquals(read("unixepoch() * 1000"), { kind: "epoch", unit: "milliseconds", fine: false });
 * assertEquals(read("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"), {
 *   kind: "text",
 *   template: 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"',
 * });
 * assertEquals(read("datetime('now', 'localtime')"), undefined);
 * ```
 */
export function readClock(expression: Expr): Clock | undefined {
  const text = canonicalText(expression);
  if (text === undefined) return undefined;
  // a cast to an integer leaves off what is finer, as an epoch does
  const [, cast] = /^cast\((.*) as (?:big)?int(?:eger)?\)$/.exec(text) ?? [];
  const whole = cast ?? text;
  for (const [pattern, unit, fine] of EPOCHS) {
    if (!new RegExp(`^(?:${pattern})$`).test(whole)) continue;
    return fine && cast === undefined ? undefined : { kind: "epoch", unit, fine };
  }
  const call = /^(?<name>datetime|date|time)\((?:'now'(?<fine>,'subsec(?:ond)?')?)?\)$/.exec(text);
  const { name = "", fine } = call?.groups ?? {};
  const format = FORMATS[name] ?? /^strftime\('(.*)'(?<!,'now'),'now'\)$/.exec(text)?.[1];
  if (format === undefined) return undefined;
  const template = templateOf(format);
  if (template === undefined || (fine && name === "date")) return undefined;
  return { kind: "text", template: fine ? `${template}.MS` : template };
}

function templateOf(format: string): string | undefined {
  const parts = format.match(/%.|[^%]+/g) ?? [];
  const written = parts.map((part) =>
    part.startsWith("%")
      ? TEMPLATES[part]
      : part.includes('"') || part.includes("\\")
      ? undefined
      : part.replace(/[^-:. /]+/g, (letters) => `"${letters}"`)
  );
  return written.includes(undefined) || parts.join("") !== format ? undefined : written.join("");
}
