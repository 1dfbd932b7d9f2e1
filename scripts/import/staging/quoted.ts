/**
 * Writes a name as SQL does, whatever it holds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(quoted('shop_the "best"'), '"shop_the ""best"""');
 * ```
 */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
