import type { PairSet } from "../census/store_census.ts";
import { type Facts, idSegment } from "./facts.ts";
import { mainKind, variables } from "./family.ts";

const HALF = 0.5;

/**
 * Chooses the pairs to gather, where there are lists that may say what records say as well: which
 * records belong to whom.
 */
export function findPairs(facts: Facts): PairSet[] {
  const sets: Omit<PairSet, "id">[] = [];
  for (const family of facts.families) {
    const kind = mainKind(family);
    const places = variables(family);
    if (places.length === 0) continue;
    if (kind === "array") {
      for (const segment of places) {
        sets.push(
          ...facts.members(family, "[]").filter(({ member }) =>
            refers(facts.value(family, "[]", member)?.found.size) || member === "id"
          ).map(({ member }) => ({
            family: family.id,
            place: "[]",
            segment,
            member,
            other: 0,
          })),
        );
      }
    }
    if (kind !== "object") continue;
    const segment = idSegment(family);
    if (segment === 0) continue;
    for (const { member } of facts.members(family)) {
      const slot = facts.value(family, "", member);
      if (facts.found(slot).some(({ share }) => share >= HALF)) {
        sets.push({ family: family.id, place: "", segment, member, other: 0 });
      }
      const place = `${member}[]`;
      for (const { member } of facts.members(family, place)) {
        const inside = facts.value(family, place, member);
        if (refers(inside?.found.size) || member === "id") {
          sets.push({ family: family.id, place, segment, member, other: 0 });
        }
      }
    }
    for (const other of places.filter((each) => each !== segment)) {
      sets.push({ family: family.id, place: "", segment, member: "", other });
    }
  }
  return sets.some((set) => asks(facts, set))
    ? sets.map((set, nth) => ({ id: nth + 1, ...set }))
    : [];
}

/** Whether a set is compared with others: a list of names, or ids that are unique in a document. */
function asks(facts: Facts, { family, place, member }: Omit<PairSet, "id">): boolean {
  if (place === "") return false;
  if (member !== "id") return member === "";
  const ids = facts.value(facts.family(family), place, "id");
  return ids !== undefined && facts.isNamed(ids);
}

function refers(found: number | undefined): boolean {
  return (found ?? 0) > 0;
}
