import { literal } from "../../sql/literal.ts";
import type { Family } from "../plan/family.ts";

/**
 * Writes which family a key is of, by its segments: null for one of none.
 *
 * @param segments The key's segments, as SQL.
 */
export function familySql(families: readonly Family[], segments: string): string {
  const heads = Map.groupBy(families, ({ segments: [head] }) => head ?? null);
  const arms = [...heads].map(([head, members]) => {
    const which = `case ${
      members
        .toSorted((one, other) => literals(other) - literals(one))
        .map((family) => `when ${condition(family, segments)} then ${family.id}`)
        .join(" ")
    } end`;
    return { head, which };
  });
  const named = arms.filter(({ head }) => head !== null);
  const nameless = arms.find(({ head }) => head === null)?.which ?? "null";
  if (named.length === 0) return nameless;
  return `case ${segments}[1] ${
    named.map(({ head, which }) => `when ${literal(head!)} then ${which}`).join(" ")
  } else ${nameless} end`;
}

function literals({ segments }: Family): number {
  return segments.filter((segment) => segment !== null).length;
}

function condition({ segments: parts }: Family, segments: string): string {
  return [
    `cardinality(${segments}) = ${parts.length}`,
    ...parts.flatMap((part, place) =>
      place > 0 && part !== null ? [`${segments}[${place + 1}] = ${literal(part)}`] : []
    ),
  ].join(" and ");
}
