import { refused } from "./refused.ts";
import type { Kind } from "./term.ts";
import type { Translation } from "./translate_condition.ts";

const REMARK = "six of its 128 random bits now say that it is a uuid of version 4";

/**
 * Translates a default that is a random text of the length of a uuid.
 *
 * @param shape As randomText() says it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const shape = "hhhhhhhh-hhhh-4hhh-vhhh-hhhhhhhhhhhh";
 * assertEquals(randomDefault(shape, "uuid"), { kind: "translated", sql: "gen_random_uuid()" });
 * assertEquals(randomDefault("h".repeat(8), "text").kind, "refused");
 * ```
 */
export function randomDefault(shape: string, kind: Kind): Translation {
  const lower = shape.toLowerCase();
  const dashed = /^h{8}-h{4}-[h4]h{3}-[hv]h{3}-h{12}$/.test(lower);
  if (!dashed && !/^h{32}$/.test(lower)) {
    return refused(`its default is a random text of ${shape.length} characters, and no uuid`);
  }
  const remark = /-4.*-v/.test(lower) ? {} : { remark: REMARK };
  if (kind === "uuid") return { kind: "translated", sql: "gen_random_uuid()", ...remark };
  if (kind !== "text") return refused(`its default is a random text, and its values are ${kind}`);
  const upper = shape.includes("H");
  if (upper && /[hv]/.test(shape)) return refused("its default is a random text in mixed case");
  const text = dashed ? "gen_random_uuid()::text" : "replace(gen_random_uuid()::text, '-', '')";
  return { kind: "translated", sql: upper ? `upper(${text})` : text, ...remark };
}
