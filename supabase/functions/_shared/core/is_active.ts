/**
 * Whether a run in this state has work left that a call can do.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(isActive("running"));
 * assert(!isActive("paused"));
 * ```
 */
export function isActive(state: string): boolean {
  return state === "planned" || state === "running";
}
