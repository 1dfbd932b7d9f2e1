import { literal } from "../../sql/literal.ts";
import type { Family } from "../plan/family.ts";

/**
 * Writes the condition that a key is one of a family, and not of another that says more.
 *
 * @param key The key, as SQL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const family = (id: number, segments: (string | null)[]) => ({
 *   id, template: "", segments, segmentKinds: {}, divided: true, keys: 1, kinds: {}, encoded: 0,
 *   idAt: {}, example: "",
 * });
 * const users = family(1, ["user", null]);
 *
 * assertEquals(
 *   familyCondition(users, [users, family(2, ["user", "all"]), family(3, ["log", null])], "key"),
 *   "key ~ '^user:[^:]*$' and key <> 'user:all'",
 * );
 * ```
 */
export function familyCondition(
  family: Family,
  families: readonly Family[],
  key: string,
): string {
  const inside = families.filter((other) => other !== family && saysMore(other, family));
  return [is(family, key), ...inside.map((other) => is(other, key, false))].join(" and ");
}

/** Writes the regular expression for the keys of a family. */
function familyPattern({ segments, segmentKinds, divided }: Family): string {
  if (divided) {
    return `^${segments.map((part) => part === null ? "[^:]*" : escaped(part)).join(":")}$`;
  }
  const [head, ...rest] = segments;
  const prefix = head === null || head === undefined ? "" : escaped(head);
  if (rest.length === 2) return `^${prefix}[^:]*[0-9][^:]*_[0-9]{1,9}$`;
  if (segmentKinds[1]?.["<word>"] !== undefined) return "^[^:]*$";
  // a mark of ours in a key makes it an id, too, but divides none
  return prefix === "" ? "^[^:]*[0-9@<][^:]*$" : `^${prefix}[^:]*[0-9@][^:]*$`;
}

function is(family: Family, key: string, wanted = true): string {
  const { segments, divided } = family;
  if (segments.every((segment) => segment !== null)) {
    return `${key} ${wanted ? "=" : "<>"} ${literal(segments.join(divided ? ":" : ""))}`;
  }
  return `${key} ${wanted ? "~" : "!~"} ${literal(familyPattern(family))}`;
}

/** Whether all keys of one could be taken for keys of the other. */
function saysMore(one: Family, other: Family): boolean {
  if (one.divided !== other.divided) return false;
  if (!one.divided) {
    const [head, than] = [one.segments[0] ?? "", other.segments[0] ?? ""];
    if (other.segments.every((segment) => segment !== null)) return false;
    return head.startsWith(than) &&
      (head.length > than.length || one.segments.length > other.segments.length);
  }
  return one.segments.length === other.segments.length &&
    one.segments.every((segment, place) =>
      segment === other.segments[place] || other.segments[place] === null
    );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
