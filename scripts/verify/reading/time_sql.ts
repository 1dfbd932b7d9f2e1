import type { TimeUnit } from "./reading.ts";

/**
 * The shape of an ISO time. All but the commonest years are held against it; what Postgres reads
 * besides ('now', 'infinity', 05/06/2024) has none of these shapes.
 */
const SHAPE =
  "^\\s*\\d{4}-\\d\\d-\\d\\d([ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?( ?(Z|[+-]\\d\\d(:?\\d\\d)?))?)?\\s*$";

/**
 * Writes the branches of the case that reads a time: one for each unit, and one that refuses all
 * else.
 *
 * Numbers are told apart by their size. Theirs become intervals as text, which is as fast as
 * `to_timestamp(x::float8)` and keeps every microsecond, where a float8 loses them beyond the year
 * 2242. Without a zone an ISO time is made one of UTC by a Z at its end, so that the session's zone
 * does not matter, and so that words behind it (PM, BC, PST) are refused.
 *
 * @param units The ways its values may be written.
 * @param column The staged column, as SQL.
 * @returns The lines of the case, without indentation.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(timeSql(["seconds"], "legacy.at"), [
 *   "when legacy.at::float8 >= 1e8 and legacy.at::float8 < 1e11",
 *   "  then timestamptz 'epoch' + (legacy.at || ' s')::interval",
 *   "else ('not a time in seconds: ' || legacy.at)::timestamptz",
 * ]);
 * ```
 */
export function timeSql(units: readonly TimeUnit[], column: string): string[] {
  const branches = BRANCHES.filter(([unit]) => units.includes(unit));
  const only = branches.length === 1 && units[0] !== "iso" ? ` in ${units[0]}` : "";
  return [
    ...branches.flatMap(([, branch]) => branch(column)),
    `else ('not a time${only}: ' || ${column})::timestamptz`,
  ];
}

/** In this order: an ISO time is no float8, and would fail where a number is expected. */
const BRANCHES: readonly (readonly [TimeUnit, (column: string) => string[]])[] = [
  ["iso", (column) => [
    `when ${column} like '2___-__-__%' or ${column} like '1___-__-__%'`,
    `  or ${column} like '%-%-%' and ${column} ~`,
    `    '${SHAPE}'`,
    `  then (`,
    `    ${column} ||`,
    `      case when ${column} like any ('{%Z%,%+%,%-%-%-%}') then '' else 'Z' end`,
    `  )::timestamptz`,
  ]],
  ["seconds", (column) => within(column, "1e8", "1e11", sinceEpoch(column, "s"))],
  ["milliseconds", (column) => within(column, "1e11", "1e14", sinceEpoch(column, "ms"))],
  ["microseconds", (column) => within(column, "1e14", "1e17", sinceEpoch(column, "us"))],
  ["julian", (column) =>
    within(
      column,
      "2305447.5",
      "2634167.5",
      // to the millisecond and half up, which is what SQLite makes of a julian day
      `timestamptz 'epoch' + interval '1 ms'`,
      `  * (floor(${column}::float8 * 86400000 + 0.5) - 210866760000000)`,
    )],
];

function within(column: string, from: string, below: string, ...then: string[]): string[] {
  const [first, ...others] = then;
  return [
    `when ${column}::float8 >= ${from} and ${column}::float8 < ${below}`,
    `  then ${first}`,
    ...others.map((line) => `  ${line}`),
  ];
}

function sinceEpoch(column: string, unit: string): string {
  return `timestamptz 'epoch' + (${column} || ' ${unit}')::interval`;
}
