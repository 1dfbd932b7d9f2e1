import type { Draft, DraftColumn } from "./draft.ts";
import { type Family, variables } from "./family.ts";
import type { Origin } from "./store_plan.ts";

/**
 * Adds lists to a table that say the same the other way round: a pair that stands only there is
 * taken, too, without a place.
 *
 * @returns The table as it was, where it is no table of pairs.
 */
export function addMirror(draft: Draft, family: Family): Draft {
  const [source] = draft.sources;
  const element = draft.columns.find(({ origins: [origin] }) => origin!.from === "element");
  const owner = draft.columns.find(({ name, origins: [origin] }) =>
    draft.primaryKey.includes(name) && origin!.from === "segment"
  );
  const isPairs = source?.kind === "parts" && element !== undefined && owner !== undefined &&
    draft.primaryKey.length === 2 && draft.primaryKey.includes(element.name);
  if (!isPairs) return draft;
  const origin = (column: DraftColumn): Origin => {
    if (column === owner) return { from: "element" };
    if (column === element) return { from: "segment", segment: variables(family).at(-1)! };
    return { from: "nothing" };
  };
  return {
    ...draft,
    comment: `${draft.comment} And, the other way round, those of ${family.template}.`,
    sources: [...draft.sources, {
      kind: "parts",
      family,
      part: {
        ...source.part,
        name: `${source.part.name}_mirror`,
        member: "",
        mirrors: {
          family: source.family,
          part: source.part.name,
          member: source.part.member,
        },
      },
    }],
    columns: draft.columns.map((column) => ({
      ...column,
      notNull: column.notNull && origin(column).from !== "nothing",
      origins: [...column.origins, origin(column)],
    })),
  };
}
