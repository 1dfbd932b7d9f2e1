import type { ColumnNames } from "./column_names.ts";
import type { DraftColumn } from "./draft.ts";
import type { Facts } from "./facts.ts";
import { type Family, isIdKind, memberName } from "./family.ts";

/**
 * Plans the column for members that are named by ids, where the object is no map of records: all
 * that has no column of its own.
 *
 * @returns One column, or none where there are no such members.
 */
export function restColumn(
  facts: Facts,
  families: readonly Family[],
  { place, sources, names }: {
    readonly place: string;
    readonly sources: number;
    readonly names: ColumnNames;
  },
): DraftColumn[] {
  const members = families.flatMap((family) => facts.members(family, place));
  const named = members.filter(({ member }) => isIdKind(member));
  if (named.length === 0) return [];
  const known = [
    ...new Set(
      members.flatMap(({ member }) =>
        isIdKind(member) || member === "" ? [] : [memberName(member)]
      ),
    ),
  ].toSorted();
  return [{
    name: names.take("others"),
    type: "jsonb",
    form: "json",
    notNull: false,
    default: undefined,
    origins: Array.from({ length: sources }, () => ({ from: "rest" as const, names: known })),
    member: undefined,
    evidence: ["members that are named by ids"],
    slot: undefined,
    values: 0,
    nearly: undefined,
    empties: false,
  }];
}
