import type { Kind } from "../census/store_census.ts";

/** Keys that name things of one kind: `user:<uuid>:projects`. */
export interface Family {
  readonly id: number;
  /** Its name: what stands in angle brackets differs from key to key. */
  readonly template: string;
  /** Literal words; null where a segment differs from key to key. */
  readonly segments: readonly (string | null)[];
  /** What the segments are that differ: `{2: {"<uuid>": 7}}`. */
  readonly segmentKinds: Readonly<Record<number, Readonly<Record<string, number>>>>;
  /** Whether colons stand between the segments. */
  readonly divided: boolean;
  readonly keys: number;
  readonly kinds: Readonly<Partial<Record<Kind, number>>>;
  /** How many documents were encoded as text. */
  readonly encoded: number;
  /** In how many the member `id` is the segment at a place; 0 is the whole key. */
  readonly idAt: Readonly<Record<number, number>>;
  /** One of its keys. */
  readonly example: string;
}

/** The kind that most of its values have. */
export function mainKind({ kinds }: Family): Kind {
  const [most] = Object.entries(kinds).toSorted(([, a], [, b]) => b - a);
  return most![0] as Kind;
}

/** Whether any of its values is an array or an object. */
export function hasContainers({ kinds }: Family): boolean {
  return (kinds.array ?? 0) + (kinds.object ?? 0) > 0;
}

/** The places of segments that differ from key to key, from 1. */
export function variables({ segments }: Family): number[] {
  return segments.flatMap((segment, place) => segment === null ? [place + 1] : []);
}

/** The literal words of its keys, without what stands between them. */
export function words({ segments }: Family): string[] {
  return segments.flatMap((segment) => segment === null ? [] : [segment.replace(/[_-]+$/, "")]);
}

/** Whether the name of a member stands for all that are ids of a kind: the map of records by id. */
export function isIdKind(member: string): boolean {
  return member.startsWith("\u0001");
}

/** The name that a member has in documents: that of no letters goes by a mark. */
export function memberName(member: string): string {
  return member === "\u0002" ? "" : member;
}
