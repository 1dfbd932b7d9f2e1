/**
 * Takes the size off a type: `numeric(10,2)` is a `numeric`.
 *
 * @param type A type, as `format_type()` writes it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(typeName("timestamp(3) with time zone"), "timestamp with time zone");
 * assertEquals(typeName("numeric(10,2)[]"), "numeric[]");
 * ```
 */
export function typeName(type: string): string {
  return type.replace(/\(\d+(?:,-?\d+)?\)/, "");
}
