import type { ReasonCount } from "./count_reason.ts";

/**
 * Puts reasons in the order of the engine's reports: entity by entity, the most frequent first.
 *
 * @param entities Their names, parents first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const one = { entity: "tasks", reason: "it is late", count: 1, sample: ["7"] };
 * const two = { entity: "tasks", reason: "it was changed", count: 2, sample: ["8", "9"] };
 *
 * assertEquals(sortedReasons([one, two], ["projects", "tasks"]), [two, one]);
 * ```
 */
export function sortedReasons(
  reasons: readonly ReasonCount[],
  entities: readonly string[],
): ReasonCount[] {
  return reasons.toSorted((one, other) =>
    entities.indexOf(one.entity) - entities.indexOf(other.entity) ||
    other.count - one.count ||
    (one.reason < other.reason ? -1 : 1)
  );
}
