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
  const values = members.filter(isCandidate).map(({ family, place, member }) => ({
    family,
    kind: "member" as const,
    segment: 0,
    place,
    member,
  }));
  const slots = [...segments, ...values].map((slot, nth) => ({ id: nth + 1, ...slot }));
  return { slots, keys: slots.filter(isKey).map(({ id }) => id) };
}

/** Segments name records, and so do the ids of elements and of documents. */
function isKey({ kind, member }: Slot): boolean {
  return kind === "segment" || member === "id";
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
