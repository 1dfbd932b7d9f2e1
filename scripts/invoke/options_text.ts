/**
 * Says with which options something was asked for.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(optionsText({ limit: 5, tables: ["a"] }), 'limit 5, tables ["a"]');
 * assertEquals(optionsText({}), "none, all as usual");
 * ```
 */
export function optionsText(options: Readonly<Record<string, unknown>>): string {
  const texts = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return texts.join(", ") || "none, all as usual";
}
