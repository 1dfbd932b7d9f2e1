import type { Reading } from "./reading.ts";
import { timeSql } from "./time_sql.ts";

/** What a value is cast to when the cast alone decides. */
const CASTS = {
  text: "",
  integer: "::bigint",
  real: "::float8",
  boolean: "::boolean",
  uuid: "::uuid",
  json: "::jsonb",
} as const;

/**
 * Writes the SQL that turns a staged text into its target's value, for a view.
 *
 * A value that does not convert fails: either Postgres refuses the cast, or a text that says why is
 * cast, so that the reason and the value are in the message. What decides is like and float8, since
 * a regular expression costs ten times as much per row as the cast that it guards.
 *
 * A date or a time that begins as one of the years 1000 to 2999 is left to Postgres, which also
 * reads what is not quite ISO (`2024-05-01 9:05`); {@link textReader} does not read these.
 *
 * @param column The staged column, as SQL, such as `legacy."createdAt"`.
 * @returns One line, or a case over several.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readingSql({ as: "integer", nulls: [""] }, "legacy.age"), "nullif(legacy.age, '')::bigint");
 * assertEquals(
 *   readingSql({ as: "numeric", scale: 2 }, "legacy.price"),
 *   `case
 *   when min_scale(legacy.price::numeric) <= 2 then legacy.price::numeric
 *   else ('more than 2 decimals: ' || legacy.price)::numeric
 * end`,
 * );
 * ```
 */
export function readingSql(reading: Reading, column: string): string {
  switch (reading.as) {
    case "bytes":
      return column;
    case "time":
      return inCase(reading.nulls, column, timeSql(reading.units, column));
    case "date":
      return inCase(reading.nulls, column, [
        `when ${column} like '2___-__-__' or ${column} like '1___-__-__'`,
        `  or ${column} ~ '^\\d{4}-\\d\\d-\\d\\d$'`,
        `  then ${column}::date`,
        `else ('not a date: ' || ${column})::date`,
      ]);
    case "numeric":
      if (reading.scale === undefined) return cast(reading.nulls, column, "::numeric");
      return inCase(reading.nulls, column, [
        `when min_scale(${column}::numeric) <= ${reading.scale} then ${column}::numeric`,
        `else ('more than ${reading.scale} decimals: ' || ${column})::numeric`,
      ]);
    default:
      return cast(reading.nulls, column, CASTS[reading.as]);
  }
}

function cast(nulls: readonly string[] = [], column: string, cast: string): string {
  const [first, ...others] = nulls.map(literal);
  if (first === undefined) return column + cast;
  if (others.length === 0) return `nullif(${column}, ${first})${cast}`;
  return inCase(nulls, column, [`else ${column}${cast}`]);
}

function inCase(nulls: readonly string[] = [], column: string, branches: string[]): string {
  const none = nulls.length === 0 ? [] : [whenNull(nulls.map(literal), column)];
  return ["case", ...[...none, ...branches].map((line) => `  ${line}`), "end"].join("\n");
}

function whenNull(texts: readonly string[], column: string): string {
  const [first, ...others] = texts;
  if (others.length === 0) return `when ${column} = ${first} then null`;
  return `when ${column} in (${texts.join(", ")}) then null`;
}

function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  // a backslash means itself only while standard_conforming_strings is on
  return text.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}
