/**
 * Finds the thing of a name: that very name, or else the only one that differs by letter case.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(counterpart("leads", [{ name: "Leads" }]), { name: "Leads" });
 * assertEquals(counterpart("leads", [{ name: "Leads" }, { name: "LEADS" }]), undefined);
 * ```
 */
export function counterpart<Named extends { readonly name: string }>(
  name: string,
  things: readonly Named[],
): Named | undefined {
  const exact = things.find((thing) => thing.name === name);
  if (exact) return exact;
  const similar = things.filter((thing) => thing.name.toLowerCase() === name.toLowerCase());
  return similar.length === 1 ? similar[0] : undefined;
}
