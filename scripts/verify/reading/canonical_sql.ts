import { typeName } from "./type_name.ts";

/**
 * Writes the SQL for the text by which a target's value is compared with the file: the same for
 * equal values, whatever the session's settings, but for dates, which need DateStyle ISO.
 *
 * A real is its 64 bits and a time its seconds since 1970, since both print in several ways.
 *
 * @param type The column's type, as `format_type()` writes it.
 * @param column The target's column, as SQL.
 * @returns Nothing for a type whose values are not compared.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(canonicalSql("numeric(10,2)", "price"), "trim_scale(price)::text");
 * assertEquals(canonicalSql("timestamp with time zone", "at"), "extract(epoch from at)::text");
 * assertEquals(canonicalSql("point", "place"), undefined);
 * ```
 */
export function canonicalSql(type: string, column: string): string | undefined {
  switch (typeName(type)) {
    case "text":
    case "character varying":
    case "character":
    case "uuid":
    case "jsonb":
    case "smallint":
    case "integer":
    case "bigint":
    case "boolean":
    case "date":
      return `${column}::text`;
    case "numeric":
      return `trim_scale(${column})::text`;
    case "double precision":
      return `encode(float8send(${column}), 'hex')`;
    case "real":
      return `encode(float8send(${column}::float8), 'hex')`;
    case "timestamp with time zone":
    case "timestamp without time zone":
      return `extract(epoch from ${column})::text`;
    case "bytea":
      return `encode(${column}, 'hex')`;
    default:
      return undefined;
  }
}
