/**
 * Types whose values a foreign key may compare with each other.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(typeFamily("varchar(10)"), typeFamily("text"));
 * assertEquals(typeFamily("bigint") === typeFamily("uuid"), false);
 * ```
 */
export function typeFamily(type: string): string {
  const plain = type.trim().toLowerCase().replace(/\(.*\)$/, "");
  if (isInteger(plain)) return "integer";
  return /^(text|varchar|character varying)$/.test(plain) ? "text" : plain;
}

/** Whether a type holds integers alone, as the column of an identity does. */
export function isInteger(type: string): boolean {
  return /^(smallint|int|integer|bigint|int[248])$/.test(type.trim().toLowerCase());
}
