/**
 * Writes a call of one of the engine's functions.
 *
 * @param parameters Names and values, as SQL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(call("define_pipeline", [["name", "'shop'"]]), `select landfall.define_pipeline(
 *   name => 'shop'
 * );`);
 * ```
 */
export function call(name: string, parameters: readonly (readonly [string, string])[]): string {
  const list = parameters.map(([parameter, value]) => `  ${parameter} => ${value}`);
  return `select landfall.${name}(\n${list.join(",\n")}\n);`;
}
