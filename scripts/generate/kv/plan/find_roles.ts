import { singular } from "../../names/plural.ts";
import { snakeCase } from "../../names/name_hints.ts";
import { type Facts, idSegment, isScalar, knowsItsId } from "./facts.ts";
import { type Family, mainKind, variables, words } from "./family.ts";
import type { Role } from "./role.ts";

const EPHEMERAL =
  /^(sessions?|otps?|rl|rate[-_]?limits?|cache|.*[-_]cache|locks?|nonces?|csrf|password[-_]resets?|reset[-_]tokens?|verification([-_]codes?)?|magic[-_]links?|te?mp|login[-_]attempts?|throttle|idempotency([-_]keys?)?)$/i;
const SESSION = /[-_]sessions?$/i;
const EXPIRES = /^(expires|expires_at|expires_in|expiry|expiration|exp|ttl)$/;
const SECRET =
  /^(.*[-_])?(passwords?|passwd|secrets?|tokens?|api[-_]?keys?|credentials?|private[-_]?keys?)$/i;
const MARKER =
  /^(initiali[sz]ed|init|seeded|migrated|version|schema[-_]version|installed|bootstrap(ped)?|setup|v\d+)$/i;
const LIST = /^(all|list|ids|index|keys|.*[-_]ids|.*[-_]list|.*[-_]index)$/i;
const NEARLY = 0.9;
const HALF = 0.5;

/**
 * Finds out what each family of keys is to the app.
 *
 * @param said Roles that a person has given, by template.
 */
export function findRoles(
  facts: Facts,
  said: ReadonlyMap<string, Role["role"]> = new Map(),
): ReadonlyMap<Family, Role> {
  const roles = new Map<Family, Role>();
  const { families } = facts;
  const open = families.filter((family) => {
    const early = said.get(family.template) === undefined ? earlyRole(facts, family) : undefined;
    if (early !== undefined) roles.set(family, early);
    return early === undefined;
  });
  // records first: what the others are depends on them
  const objects = open.filter((family) => mainKind(family) === "object");
  const records = objects.filter((family) => said.get(family.template) !== "setting");
  for (const family of records) {
    if (variables(family).length === 0) continue;
    roles.set(family, recordRole(facts, family, records));
  }
  for (const [family, role] of roles) {
    if (role.role === "generation") facts.addGeneration(role.of, family);
  }
  const owners = new Set(
    [...roles].flatMap(([family, { role }]) => role === "entity" ? [family] : []),
  );
  for (const family of open) {
    const role = roles.get(family);
    if (role !== undefined && role.role !== "entity") continue;
    const late = lateRole(facts, family, owners, said.get(family.template));
    if (late !== undefined) roles.set(family, late);
  }
  return roles;
}

/** What the words of the keys say. */
function earlyRole(facts: Facts, family: Family): Role | undefined {
  const names = words(family);
  const members = facts.members(family).map(({ member }) => snakeCase(member));
  const expires = members.some((name) => EXPIRES.test(name)) || members.includes("token");
  const isEphemeral = names.some((name) =>
    EPHEMERAL.test(name) && (!/^sessions?$/i.test(name) || expires || isScalar(family)) ||
    SESSION.test(name) && expires
  );
  if (isEphemeral) return { role: "ephemeral" };
  if (names.some((name) => SECRET.test(name)) && (isScalar(family) || members.length <= 3)) {
    return { role: "secret" };
  }
  if (variables(family).length > 0) return undefined;
  const isMarker = names.some((name) => MARKER.test(name)) || mainKind(family) === "boolean";
  if (isMarker && mainKind(family) !== "array") return { role: "marker" };
  return undefined;
}

function recordRole(facts: Facts, family: Family, records: readonly Family[]): Role {
  if (isMapOfRecords(facts, family)) return { role: "elements", isMap: true };
  const others = records.filter((other) => other !== family && variables(other).length > 0);
  const older = others.find((other) =>
    other.segments[0] === family.segments[0] && knowsItsId(family) && knowsItsId(other) &&
    other.segments.length === family.segments.length + 1 && other.divided === family.divided &&
    idSegment(family) === family.segments.length && idSegment(other) === other.segments.length &&
    variables(other).length === variables(family).length + 1 &&
    overlap(facts, family, other) >= HALF
  );
  if (older !== undefined) return { role: "generation", of: older };
  if (!knowsItsId(family)) {
    const id = facts.value(family, "", "id");
    const original = others.find((other) =>
      knowsItsId(other) && facts.share(id, keyOf(facts, other)) >= HALF &&
      overlap(facts, family, other) >= HALF
    );
    if (original !== undefined) return { role: "copy", of: original };
  }
  return { role: "entity" };
}

function lateRole(
  facts: Facts,
  family: Family,
  owners: ReadonlySet<Family>,
  said: Role["role"] | undefined,
): Role | undefined {
  const kind = mainKind(family);
  const entities = [...owners].filter((other) => other !== family);
  if (kind === "object") return objectRole(facts, family, entities, said);
  const parent = wholeParent(facts, family, entities);
  if (kind === "array") {
    const inside = facts.place(family, "[]");
    // where some are no arrays, they stay as they are
    const areArrays = family.kinds.array === family.keys;
    if (
      areArrays && inside !== undefined && inside.objects > 0 && inside.objects === inside.elements
    ) {
      return { role: "elements", isMap: false };
    }
    const element = facts.value(family, "[]", "");
    const areNames = areArrays && inside !== undefined && element?.values === inside.elements;
    const of = areNames ? best(facts, element, entities, family) : undefined;
    if (variables(family).length === 0) {
      const named = LIST.test(words(family).at(-1) ?? "");
      return of !== undefined && (named || keyShare(facts, element, of) >= HALF)
        ? { role: "list", of, by: undefined }
        : { role: "setting" };
    }
    if (of === undefined || keyShare(facts, element, of) < HALF) {
      return parent === undefined ? { role: "values" } : { role: "attribute", of: parent };
    }
    return listRole(facts, family, of) ??
      { role: "junction", parent: parent ?? parentOf(facts, family, entities), of };
  }
  if (variables(family).length === 0) return { role: "setting" };
  const lookup = lookupOf(facts, family, facts.value(family, "", ""), entities);
  if (lookup !== undefined) return lookup;
  return parent === undefined ? { role: "values" } : { role: "attribute", of: parent };
}

function objectRole(
  facts: Facts,
  family: Family,
  entities: readonly Family[],
  said: Role["role"] | undefined,
): Role | undefined {
  if (variables(family).length === 0) {
    if (said === "setting") return { role: "setting" };
    return isMapOfRecords(facts, family) ? { role: "elements", isMap: true } : { role: "setting" };
  }
  // {"userId": …} under an address: a look-up, as a bare id would be
  const members = facts.members(family).filter(({ member }) => member !== "");
  const [only, another] = members;
  if (only === undefined || another !== undefined || knowsItsId(family)) return undefined;
  return lookupOf(facts, family, facts.value(family, "", only.member), entities);
}

/** A look-up names a record that has what stands in the key. */
function lookupOf(
  facts: Facts,
  family: Family,
  value: ReturnType<Facts["value"]>,
  entities: readonly Family[],
): Role | undefined {
  const of = best(facts, value, entities, family);
  if (of === undefined || keyShare(facts, value, of) < NEARLY) return undefined;
  const segment = facts.segment(family, variables(family).at(-1)!);
  if (segment === undefined) return undefined;
  const holder = facts.members(of).find(({ member }) => {
    const slot = facts.value(of, "", member);
    return slot !== undefined && (slot.found.get(segment.slot.id) ?? 0) >= HALF * segment.values;
  });
  return holder === undefined ? undefined : { role: "lookup", of, member: holder.member };
}

/**
 * The parent, where each key names one that is there, and all of those become rows: what is a column
 * of it would be lost else.
 */
function wholeParent(
  facts: Facts,
  family: Family,
  entities: readonly Family[],
): Family | undefined {
  const parent = parentOf(facts, family, entities);
  const [only, another] = variables(family);
  if (parent === undefined || only === undefined || another !== undefined) return undefined;
  if (facts.generations(parent).some((each) => each.kinds.object !== each.keys)) return undefined;
  return keyShare(facts, facts.segment(family, only), parent) === 1 ? parent : undefined;
}

/** The entity whose ids are in the key: the words before say so, or the ids themselves. */
export function parentOf(
  facts: Facts,
  family: Family,
  entities: readonly Family[],
): Family | undefined {
  const named = entities.find((other) =>
    other.divided === family.divided && other.segments.length < family.segments.length &&
    other.segments.every((segment, place) => segment === family.segments[place]) &&
    family.segments.slice(other.segments.length).every((segment) => segment !== null)
  );
  if (named !== undefined) return named;
  const [only, another] = variables(family);
  if (only === undefined || another !== undefined) return undefined;
  return best(facts, facts.segment(family, only), entities, family, NEARLY);
}

/** The entity among whose ids most of a slot's values are. */
export function best(
  facts: Facts,
  slot: ReturnType<Facts["value"]>,
  entities: readonly Family[],
  family: Family,
  least = 0,
): Family | undefined {
  if (slot === undefined) return undefined;
  const names = [slot.slot.member, ...words(family)].map((name) => singular(snakeCase(name)));
  const found = entities
    .map((entity) => ({ entity, share: keyShare(facts, slot, entity) }))
    .filter(({ share }) => share > 0 && share >= least)
    .toSorted((one, other) => other.share - one.share);
  const top = found.filter(({ share }) => share >= found[0]!.share - 0.05);
  // small numbers are ids of many: the words decide
  const named = top.find(({ entity }) => {
    const name = singular(snakeCase(words(entity)[0] ?? ""));
    return names.some((each) => each === name || each.includes(name) && name.length > 2);
  });
  return (named ?? top[0])?.entity;
}

/** What share of a slot's values are ids of a family's records, of whatever generation. */
export function keyShare(
  facts: Facts,
  slot: ReturnType<Facts["value"]>,
  family: Family,
): number {
  if (slot === undefined || slot.values === 0) return 0;
  const keys = facts.generations(family).flatMap((each) => keyOf(facts, each) ?? []);
  const apart = keys.every((one, nth) =>
    keys.slice(nth + 1).every((other) => !one.found.has(other.slot.id))
  );
  const shares = keys.map((key) => key.slot.id === slot.slot.id ? 1 : facts.share(slot, key));
  return Math.min(1, apart ? shares.reduce((sum, each) => sum + each, 0) : Math.max(0, ...shares));
}

/** The slot of the ids that a family's keys, or its documents, give to its records. */
export function keyOf(facts: Facts, family: Family) {
  const segment = idSegment(family);
  return segment === 0 ? facts.value(family, "", "id") : facts.segment(family, segment);
}

/** A list of ids that the records say as well, or lists the other way round. */
function listRole(facts: Facts, family: Family, of: Family): Role | undefined {
  const segment = variables(family).at(-1)!;
  const mine = facts.pairs(family, { place: "[]", segment, member: "", other: 0 });
  if (mine === undefined || mine.pairs === 0) return undefined;
  const turned = (set: number) => mine.reversed.get(set) ?? 0;
  const sets = facts.generations(of).flatMap((each) => facts.pairsOf(each));
  const known = sets.find(({ set }) => set.place === "" && turned(set.id) >= NEARLY * mine.pairs);
  if (known !== undefined) {
    const { member, other } = known.set;
    return { role: "list", of, by: { member, segment: other } };
  }
  const within = sets.find(({ set, pairs }) =>
    set.place !== "" && set.member === "" && turned(set.id) >= HALF * Math.min(pairs, mine.pairs)
  );
  if (within !== undefined) {
    return { role: "mirror", of, member: within.set.place.replace(/\[\]$/, "") };
  }
  const other = facts.families.find((each) =>
    each.template < family.template && mainKind(each) === "array" &&
    facts.pairsOf(each).some(({ set, pairs }) =>
      set.member === "" && turned(set.id) >= HALF * Math.min(pairs, mine.pairs)
    )
  );
  return other === undefined ? undefined : { role: "mirror", of: other, member: "" };
}

function isMapOfRecords(facts: Facts, family: Family): boolean {
  const inside = facts.place(family, "{}");
  return inside !== undefined && family.kinds.object === family.keys && inside.others === 0 &&
    inside.objects > 0 && inside.objects === inside.elements;
}

/** What share of the members that either family has are in both. */
function overlap(facts: Facts, one: Family, other: Family): number {
  const names = (family: Family) => facts.members(family).map(({ member }) => snakeCase(member));
  const [a, b] = [new Set(names(one)), new Set(names(other))];
  const both = [...a].filter((name) => b.has(name)).length;
  return both / (a.size + b.size - both || 1);
}
