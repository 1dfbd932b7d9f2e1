import { snakeCase } from "../../names/name_hints.ts";
import type { MemberCensus, Slot } from "../census/store_census.ts";
import { type Family, isIdKind, variables } from "./family.ts";

/** Names of values that name something, or are unique. */
const NAMING =
  /(^|_)(id|ids|uid|uuid|key|ref|code|sku|slug|email|mail|username|login|handle|nick|nickname|phone|number|no|by|owner|user|author|creator|parent|admin|member|sender|recipient|receiver|from|to)$/;
const NUMBERS = /(^|_)(id|ids|uid|by|owner|user|author|creator|parent|number|no|code)$/;
const CLASSES = ["uuid", "int text", "digits", "email", "short"];

/**
 * Chooses the places whose values are gathered: what may name a record, be unique, or be one of a
 * few.
 */
export function findSlots(
  families: readonly Family[],
  members: readonly MemberCensus[],
): { slots: Slot[]; keys: number[] } {
  const segments = families.flatMap((family) =>
    variables(family).map((segment) => ({
      family: family.id,
      kind: "segment" as const,
      segment,
      place: "",
      member: "",
    }))
  );
  const values = members.filter(isCandidate).map((found) => ({
    family: found.family,
    kind: "member" as const,
    segment: segmentOf(found, families),
    place: found.place,
    member: found.member,
  }));
  const slots = [...segments, ...values].map((slot, nth) => ({ id: nth + 1, ...slot }));
  return { slots, keys: slots.filter(isKey).map(({ id }) => id) };
}

/** The segment that says in each key what the member says in each document; 0 for none. */
function segmentOf(
  { family, atSegment, classes }: MemberCensus,
  families: readonly Family[],
): number {
  const { keys } = families.find(({ id }) => id === family)!;
  const values = classes.reduce((sum, each) => sum + each.values, 0);
  const [place] = Object.entries(atSegment).find(([, same]) => same === values && same === keys) ??
    [];
  return Number(place ?? 0);
}

/** Segments name records, and so do the ids of elements and of documents. */
function isKey({ kind, member, segment }: Slot): boolean {
  return kind === "segment" || member === "id" && segment === 0;
}

function isCandidate({ member, classes }: MemberCensus): boolean {
  const name = snakeCase(member);
  return !isIdKind(member) &&
    classes.some((found) =>
      CLASSES.includes(found.class) && (found.few || NAMING.test(name) || member === "") ||
      found.class === "uuid" || found.class === "email" ||
      found.class === "int" && (NUMBERS.test(name) || member === "")
    );
}
