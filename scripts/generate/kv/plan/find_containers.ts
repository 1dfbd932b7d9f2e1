import type { Container } from "../census/read_members.ts";
import type { MemberCensus } from "../census/store_census.ts";
import { type Family, isIdKind, mainKind } from "./family.ts";

/** Finds the arrays in documents, and the objects whose members are named by ids. */
export function findContainers(
  families: readonly Family[],
  members: readonly MemberCensus[],
): Container[] {
  const ofDocuments = families.filter((family) => mainKind(family) === "array")
    .map(({ id }): Container => ({ family: id, place: "[]", member: "", isMap: false }));
  const maps = Map.groupBy(
    members.filter(({ place, member }) => place === "" && isIdKind(member)),
    ({ family }) => family,
  );
  const ofMaps = [...maps].filter(([, found]) => found.some((each) => has(each, "object")))
    .map(([family]): Container => ({ family, place: "{}", member: "", isMap: true }));
  const ofMembers = members
    .filter(({ place, member }) => place === "" && member !== "" && !isIdKind(member))
    .flatMap((found): Container[] => {
      const { family, member } = found;
      return [
        ...has(found, "array") ? [{ family, place: `${member}[]`, member, isMap: false }] : [],
        ...has(found, "object") ? [{ family, place: `${member}{}`, member, isMap: true }] : [],
      ];
    });
  return [...ofDocuments, ...ofMaps, ...ofMembers];
}

function has({ classes }: MemberCensus, name: string): boolean {
  return classes.some((each) => each.class === name);
}
