import type { Kind, Shape } from "../census/store_census.ts";
import type { Family } from "./family.ts";

const LIST_WORDS =
  /^(all|list|ids|index|indexes|keys|count|counts|counter|total|latest|current|default_list)$/i;

const ENVIRONMENTS = /^(dev|development|stage|staging|test|testing|qa|demo|live|prod|production)$/i;

interface Draft {
  segments: (string | null)[];
  kindsOf: string[];
  segmentKinds: Record<number, Record<string, number>>;
  divided: boolean;
  keys: number;
  kinds: Partial<Record<Kind, number>>;
  encoded: number;
  idAt: Record<number, number>;
  example: string;
}

/**
 * Finds the families of keys: shapes that differ only in how they name a record are one, and so are
 * words that name records, as `trip:summer`, whose document says that this is its id.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const shape = { divided: true, encoded: 0, broken: false, members: [], idAt: {}, example: "" };
 * const families = findFamilies([
 *   { ...shape, segments: ["user", "<uuid>"], keys: 7, kinds: { object: 7 } },
 *   { ...shape, segments: ["user", "<int>"], keys: 2, kinds: { object: 2 } },
 *   { ...shape, segments: ["user", "all"], keys: 1, kinds: { array: 1 } },
 * ]);
 *
 * assertEquals(families.map(({ template, keys }) => [template, keys]), [
 *   ["user:<uuid>", 9],
 *   ["user:all", 1],
 * ]);
 * ```
 */
export function findFamilies(shapes: readonly Shape[]): Family[] {
  const named = shapes.map((shape) => namesAsVariables(shape, shapes));
  const drafts = new Map<string, Draft>();
  named.forEach((segments, nth) => {
    const shape = shapes[nth]!;
    const skeleton = JSON.stringify([segments, shape.divided]);
    const draft = drafts.get(skeleton) ?? {
      segments,
      kindsOf: [],
      segmentKinds: {},
      divided: shape.divided,
      keys: 0,
      kinds: {},
      encoded: 0,
      idAt: {},
      example: shape.example,
    };
    if (shape.keys >= draft.keys / 2 || draft.kindsOf.length === 0) {
      draft.kindsOf = shape.segments.map((segment, place) =>
        segments[place] !== null ? segment : segment.startsWith("<") ? segment : "<id>"
      );
    }
    shape.segments.forEach((segment, place) => {
      if (segments[place] !== null) return;
      const kind = segment.startsWith("<") ? segment : "<id>";
      const kinds = draft.segmentKinds[place + 1] ??= {};
      kinds[kind] = (kinds[kind] ?? 0) + shape.keys;
    });
    draft.keys += shape.keys;
    draft.encoded += shape.encoded;
    for (const [kind, keys] of Object.entries(shape.kinds)) {
      draft.kinds[kind as Kind] = (draft.kinds[kind as Kind] ?? 0) + keys;
    }
    for (const [place, keys] of Object.entries(shape.idAt)) {
      draft.idAt[+place] = (draft.idAt[+place] ?? 0) + keys;
    }
    drafts.set(skeleton, draft);
  });
  return [...drafts.values()]
    .map(({ kindsOf, ...draft }) => ({
      ...draft,
      template: kindsOf.join(draft.divided ? ":" : ""),
    }))
    .toSorted((one, other) => one.template < other.template ? -1 : 1)
    .map((draft, nth) => ({ id: nth + 1, ...draft }));
}

/** A shape's segments, those null that name a record. */
function namesAsVariables(shape: Shape, all: readonly Shape[]): (string | null)[] {
  return shape.segments.map((segment, place) => {
    if (segment.startsWith("<")) return null;
    return place > 0 && shape.divided && namesRecord(shape, place, all) ? null : segment;
  });
}

/** Whether a word stands where others of its kind have ids, or its document says that it is one. */
function namesRecord(shape: Shape, place: number, all: readonly Shape[]): boolean {
  const word = shape.segments[place]!;
  if (LIST_WORDS.test(word) || word === "") return false;
  const own = shape.idAt[place + 1] ?? 0;
  if (own * 2 > shape.keys) return true;
  if (namesTenant(shape, place, all)) return true;
  const kind = kindOf(shape);
  const siblings = all.filter((other) =>
    other !== shape && other.divided && other.segments.length === shape.segments.length &&
    other.segments.every((segment, nth) =>
      nth === place || segment === shape.segments[nth] ||
      segment.startsWith("<") && shape.segments[nth]!.startsWith("<")
    ) && kindOf(other) === kind
  );
  const ids = siblings.filter(({ segments }) => segments[place]!.startsWith("<"));
  // a word among ids, and nothing deeper that has ids of its own: `user:email:<email>` is no user
  if (ids.length > 0) return kind !== "object" || shape.keys > 1 || alike(shape, ids) !== "no";
  // texts that look like ids, under several words: a look-up of names
  const isId = ({ keys, members }: Shape) => keys === 1 && /^<(uuid|id)>$/.test(members[0] ?? "");
  if (kind === "string") return isId(shape) && siblings.filter(isId).length >= 2;
  const others = siblings.filter(({ keys, members }) => keys === 1 && members.length > 1);
  return shape.keys === 1 && shape.members.length > 1 &&
    others.filter((other) => overlap(shape.members, other.members) >= 0.6).length >= 2;
}

/** Whether a word before the id of a record is that of a tenant or of an environment. */
function namesTenant(shape: Shape, place: number, all: readonly Shape[]): boolean {
  const last = shape.segments.length;
  if (place + 1 >= last || !isRecord(shape)) return false;
  const word = shape.segments[place]!;
  const elsewhere = all.some((other) =>
    other.divided && other.segments.length === last && other.segments[place] === word &&
    other.segments[0] !== shape.segments[0] && isRecord(other)
  );
  return ENVIRONMENTS.test(word) || elsewhere;
}

/** Whether the last segment of the keys is the id that the documents say they have. */
function isRecord({ segments, idAt, keys }: Shape): boolean {
  return segments.at(-1)!.startsWith("<") && (idAt[segments.length] ?? 0) * 2 > keys;
}

function alike(shape: Shape, ids: readonly Shape[]): "yes" | "no" | "unknown" {
  const known = ids.filter(({ members }) => members.length > 0);
  if (known.length === 0 || shape.members.length === 0) return "unknown";
  return known.some(({ members }) => overlap(members, shape.members) >= 0.5) ? "yes" : "no";
}

function kindOf({ kinds }: Shape): string {
  return Object.entries(kinds).toSorted(([, a], [, b]) => b - a)[0]![0];
}

/** What share of the members that either has are in both. */
function overlap(one: readonly string[], other: readonly string[]): number {
  const both = one.filter((name) => other.includes(name)).length;
  return both / (one.length + other.length - both || 1);
}
