import { literal } from "../../sql/literal.ts";
import { type Family, variables } from "../plan/family.ts";

/**
 * Writes a segment of a family's keys; segment 0 is the whole key.
 *
 * @param key The key, as SQL.
 */
export function segmentSql({ segments, divided }: Family, segment: number, key: string): string {
  if (segment === 0) return key;
  if (divided) return `split_part(${key}, ':', ${segment})`;
  const prefix = segments[0]?.length ?? 0;
  const rest = prefix === 0 ? key : `substr(${key}, ${prefix + 1})`;
  if (segments.length < 3) return rest;
  return segment === 3 ? `split_part(${key}, '_', -1)` : `regexp_replace(${rest}, '_[0-9]+$', '')`;
}

/**
 * Writes a key of a family.
 *
 * @param values What stands at each of the segments that differ, as SQL, by their places.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const family = {
 *   id: 1, template: "", segments: ["user", null, "tags"], segmentKinds: {}, divided: true, keys: 1,
 *   kinds: {}, encoded: 0, idAt: {}, example: "",
 * };
 *
 * assertEquals(keySql(family, new Map([[2, "id"]])), "'user:' || id || ':tags'");
 * ```
 */
export function keySql(family: Family, values: ReadonlyMap<number, string>): string {
  const { segments, divided } = family;
  const between = divided ? ":" : segments.length > 2 ? "_" : "";
  const parts: { text?: string; sql?: string }[] = [];
  segments.forEach((segment, place) => {
    const separator = place === 0 || !divided && place === 1 ? "" : between;
    if (separator !== "") parts.push({ text: separator });
    parts.push(segment === null ? { sql: values.get(place + 1)! } : { text: segment });
  });
  const joined: string[] = [];
  let text = "";
  for (const part of parts) {
    if (part.text !== undefined) {
      text += part.text;
      continue;
    }
    if (text !== "") joined.push(literal(text));
    text = "";
    joined.push(part.sql!);
  }
  if (text !== "") joined.push(literal(text));
  return joined.join(" || ") || "''";
}

/** Whether its keys can be made from an id alone. */
export function hasOneVariable(family: Family): boolean {
  return variables(family).length === 1;
}
