import type { Form } from "../plan/guess_form.ts";

const DIGITS = "'^[0-9]{12,14}$'";
const ZONE = "'T.*(Z|[+-][0-9]{2}:?[0-9]{2})$'";

/**
 * Writes how a value of a document becomes one of a column.
 *
 * @param text The value as text, as SQL.
 * @param json The value as JSON, as SQL.
 * @param empties Whether empty texts mean that there is none.
 */
export function readSql(form: Form, text: string, json: string, empties: boolean): string {
  const value = empties ? `nullif(${text}, '')` : text;
  switch (form) {
    case "text":
      return text;
    case "json":
      return json.startsWith("case ") ? json : `nullif(${json}, 'null')`;
    case "uuid":
      return `(${value})::uuid`;
    case "integer":
    case "integer text":
      return `(${value})::bigint`;
    case "decimal":
    case "decimal text":
      return `(${value})::numeric`;
    case "boolean":
    case "boolean text":
      return `(${value})::boolean`;
    case "date":
      return `(${value})::date`;
    case "time":
    case "time with microseconds":
      return `(${value})::timestamptz`;
    case "local time":
      return `(${value})::timestamp at time zone 'UTC'`;
    case "epoch seconds":
      return `timestamptz 'epoch' + (${value})::bigint * interval '1 second'`;
    case "epoch milliseconds":
      return `timestamptz 'epoch' + (${value})::bigint * interval '1 millisecond'`;
    case "mixed times":
      return [
        "case",
        `  when ${text} ~ '^[0-9]{9,10}$'`,
        `    then timestamptz 'epoch' + (${text})::bigint * interval '1 second'`,
        `  when ${text} ~ ${DIGITS}`,
        `    then timestamptz 'epoch' + (${text})::bigint * interval '1 millisecond'`,
        `  when ${text} ~ ${ZONE} then (${text})::timestamptz`,
        `  else (${value})::timestamp at time zone 'UTC'`,
        "end",
      ].join("\n");
  }
}

/**
 * Writes how a column's value stood in a document, as JSON.
 *
 * @param column The column, as SQL.
 */
export function restoreSql(form: Form, column: string): string {
  const utc = `${column} at time zone 'UTC'`;
  switch (form) {
    case "json":
      return column;
    case "integer text":
    case "decimal text":
    case "boolean text":
      return `to_jsonb(${column}::text)`;
    case "time":
    case "mixed times":
      return `to_jsonb(to_char(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
    case "time with microseconds":
      return `to_jsonb(to_char(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`;
    case "local time":
      return `to_jsonb(to_char(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS.MS'))`;
    case "epoch seconds":
      return `to_jsonb(extract(epoch from ${column})::bigint)`;
    case "epoch milliseconds":
      return `to_jsonb((extract(epoch from ${column}) * 1000)::bigint)`;
    default:
      return `to_jsonb(${column})`;
  }
}
