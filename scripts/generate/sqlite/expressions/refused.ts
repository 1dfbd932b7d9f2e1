import type { Refused } from "./term.ts";

/**
 * Says that an expression has no translation.
 *
 * @param why For a person, without a full stop at its end.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(refused("it is a subquery"), { kind: "refused", why: "it is a subquery" });
 * ```
 */
export function refused(why: string): Refused {
  return { kind: "refused", why };
}
