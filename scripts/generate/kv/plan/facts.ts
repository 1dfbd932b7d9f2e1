import type { StoreCensus } from "../census/take_census.ts";
import type {
  Clash,
  MemberCensus,
  PairCensus,
  PairSet,
  PlaceCensus,
  SlotCensus,
} from "../census/store_census.ts";
import { type Family, mainKind, variables } from "./family.ts";

/** Where a value is found, and how many of a slot's values. */
export interface Found {
  /** The slot whose values they are; -1 are accounts. */
  readonly key: number;
  /** Of a slot's values, those that are there, from 0 to 1. */
  readonly share: number;
  readonly values: number;
}

/** A census, to be asked. */
export class Facts {
  readonly families: readonly Family[];
  readonly #members: ReadonlyMap<string, readonly MemberCensus[]>;
  readonly #places: ReadonlyMap<string, PlaceCensus>;
  readonly #slots: ReadonlyMap<string, SlotCensus>;
  readonly #pairs: readonly PairCensus[];
  readonly #clashes: readonly Clash[];
  readonly #generations = new Map<Family, Family[]>();
  readonly #byId: ReadonlyMap<number, SlotCensus>;

  constructor({ families, members, places, slots, pairs, clashes }: StoreCensus) {
    this.families = families;
    this.#pairs = pairs;
    this.#clashes = clashes;
    this.#members = Map.groupBy(members, ({ family, place }) => `${family} ${place}`);
    this.#places = new Map(places.map((each) => [`${each.family} ${each.place}`, each]));
    this.#slots = new Map(
      slots.map((each) => [
        [each.slot.family, each.slot.segment, each.slot.place, each.slot.member].join(" "),
        each,
      ]),
    );
    this.#byId = new Map(slots.map((each) => [each.slot.id, each]));
  }

  family(id: number): Family {
    return this.families.find((family) => family.id === id)!;
  }

  /** The members of objects at a place of a family's documents. */
  members({ id }: Family, place = ""): readonly MemberCensus[] {
    return this.#members.get(`${id} ${place}`) ?? [];
  }

  member(family: Family, place: string, name: string): MemberCensus | undefined {
    return this.members(family, place).find(({ member }) => member === name);
  }

  place({ id }: Family, place: string): PlaceCensus | undefined {
    return this.#places.get(`${id} ${place}`);
  }

  segment({ id }: Family, segment: number): SlotCensus | undefined {
    return this.#slots.get([id, segment, "", ""].join(" "));
  }

  value({ id }: Family, place: string, member: string): SlotCensus | undefined {
    return this.#slots.get([id, 0, place, member].join(" "));
  }

  slot(id: number): SlotCensus {
    return this.#byId.get(id)!;
  }

  /** The slots in which a slot's values are found, where most are found first. */
  found(slot: SlotCensus | undefined): Found[] {
    if (slot === undefined) return [];
    return [...slot.found]
      .map(([key, values]) => ({ key, values, share: values / slot.values }))
      .toSorted((one, other) => other.share - one.share);
  }

  /** Remembers that the records of one family are of the same kind as those of another. */
  addGeneration(of: Family, family: Family): void {
    this.#generations.set(of, [...this.#generations.get(of) ?? [], family]);
  }

  /** A family, and others whose records are of the same kind. */
  generations(family: Family): Family[] {
    return [family, ...this.#generations.get(family) ?? []];
  }

  /** Whether two members, which are spelled alike, stand in one document of any of the families. */
  clash(families: readonly Family[], one: string, other: string): boolean {
    return this.#clashes.some((clash) =>
      families.some(({ id }) => id === clash.family) &&
      (clash.one === one && clash.other === other || clash.one === other && clash.other === one)
    );
  }

  /** The pairs of a segment and a member, an element, or another segment. */
  pairs(
    { id }: Family,
    wanted: Pick<PairSet, "place" | "segment" | "member" | "other">,
  ): PairCensus | undefined {
    return this.#pairs.find(({ set }) =>
      set.family === id && set.place === wanted.place && set.segment === wanted.segment &&
      set.member === wanted.member && set.other === wanted.other
    );
  }

  /** All sets of pairs of a family. */
  pairsOf({ id }: Family): PairCensus[] {
    return this.#pairs.filter(({ set }) => set.family === id);
  }

  /** Whether the values of a slot are found in another. */
  isNamed({ slot }: SlotCensus): boolean {
    return [...this.#byId.values()].some((each) => each.found.has(slot.id));
  }

  /** What share of a slot's values is among those of another. */
  share(slot: SlotCensus | undefined, key: SlotCensus | undefined): number {
    if (slot === undefined || key === undefined || slot.values === 0) return 0;
    return (slot.found.get(key.slot.id) ?? 0) / slot.values;
  }
}

/** What names a record: a segment of its key, or the whole key (0). */
export function idSegment(family: Family): number {
  const [best] = Object.entries(family.idAt)
    .filter(([, keys]) => keys * 2 > family.keys)
    .toSorted(([, one], [, other]) => other - one);
  return best === undefined ? variables(family).at(-1) ?? 0 : +best[0];
}

/** Whether most of its documents say in `id` what the key calls them. */
export function knowsItsId(family: Family): boolean {
  return Object.values(family.idAt).some((keys) => keys * 2 > family.keys);
}

/** Whether its values are single texts, numbers or booleans. */
export function isScalar(family: Family): boolean {
  return ["string", "number", "boolean", "null"].includes(mainKind(family));
}
