import { snakeCase } from "./name_hints.ts";

/**
 * Makes a lower case word of letters that every keyboard has, as the names of entities are.
 *
 * @param most How many letters it may have.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["Order Items", "2fa", "Größe", "表"].map((name) => entityName(name)), [
 *   "order_items",
 *   "t_2fa",
 *   "gro_e",
 *   "t",
 * ]);
 * ```
 */
export function entityName(name: string, most = 36): string {
  const letters = snakeCase(name.normalize("NFKD").replace(/\p{M}/gu, ""))
    .replace(/[^a-z0-9_]+/g, "_").replace(/_+/g, "_").replace(/^_|_$/g, "").slice(0, most);
  return /^[a-z]/.test(letters) ? letters : `t_${letters}`.replace(/_$/, "");
}
