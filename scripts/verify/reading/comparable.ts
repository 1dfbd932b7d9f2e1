import type { Reading } from "./reading.ts";
import { typeName } from "./type_name.ts";

/**
 * The types, without their sizes, whose canonical text is the one that a reading gives. A size that
 * rounds or cuts a value makes a difference, which is then found.
 */
const TYPES: Readonly<Record<Reading["as"], readonly string[]>> = {
  text: ["text", "character varying"],
  integer: ["smallint", "integer", "bigint", "numeric"],
  real: ["double precision"],
  numeric: ["numeric"],
  boolean: ["boolean"],
  uuid: ["uuid"],
  json: ["jsonb"],
  bytes: ["bytea"],
  date: ["date"],
  time: ["timestamp with time zone"],
};

/**
 * Says whether a column's values can be compared with the file: a target's type can be edited by
 * hand, and then a value's text differs although nothing is wrong.
 *
 * @param type The column's type, as `format_type()` writes it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(comparable({ as: "integer" }, "numeric(10,0)"), true);
 * assertEquals(comparable({ as: "numeric" }, "double precision"), false);
 * ```
 */
export function comparable(reading: Reading, type: string): boolean {
  return TYPES[reading.as].includes(typeName(type));
}
