/** The kinds of JSON values; a document that was encoded as text counts as what it holds. */
export type Kind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** Keys of one shape: `user:<uuid>:projects`. */
export interface Shape {
  /** Literal words, and what names a record as `<kind>`. */
  readonly segments: readonly string[];
  /** Whether colons stand between the segments. */
  readonly divided: boolean;
  readonly keys: number;
  readonly kinds: Readonly<Partial<Record<Kind, number>>>;
  /** How many were encoded as text. */
  readonly encoded: number;
  /** Whether any is a text that looks encoded and is not. */
  readonly broken: boolean;
  /** In how many the member `id` of the value is the segment at a place; 0 is the whole key. */
  readonly idAt: Readonly<Record<number, number>>;
  /** One of the keys. */
  readonly example: string;
  /**
   * The members of its document, where it is the only key of its shape; or what its text looks
   * like, as `<uuid>`.
   */
  readonly members: readonly string[];
}

/** What a place in the documents of a family holds. */
export interface MemberCensus {
  readonly family: number;
  /**
   * Where: "" is the document itself, `photos[]` the elements of its array, `photos{}` the values
   * of an object whose members are named by ids, `[]` and `{}` those of the document.
   */
  readonly place: string;
  /** The member of an object; "" where the place holds no objects. */
  readonly member: string;
  readonly classes: readonly ClassCensus[];
  /** How many values equal a segment of their key, by its place. */
  readonly atSegment: Readonly<Record<number, number>>;
}

/** Values that can be read as one thing. */
export interface ClassCensus {
  readonly class: string;
  readonly values: number;
  /** Of numbers. */
  readonly least: number | null;
  readonly most: number | null;
  /** In bytes. */
  readonly longest: number | null;
  /** The most decimals that a number has. */
  readonly scale: number | null;
  /** Whether any time has more than milliseconds. */
  readonly micros: boolean;
  /** Whether there are hardly more than two hundred values. */
  readonly few: boolean;
}

/** What is in the arrays, or maps, at a place. */
export interface PlaceCensus {
  readonly family: number;
  readonly place: string;
  readonly elements: number;
  readonly objects: number;
  readonly arrays: number;
  /** Objects that have no id. */
  readonly withoutId: number;
  /** Members of maps whose names are no ids. */
  readonly others: number;
  /** Whether elements of one container have the same id, or are the same value. */
  readonly isRepeated: boolean;
}

/** A place that holds scalars which may name something. */
export interface Slot {
  readonly id: number;
  readonly family: number;
  readonly kind: "segment" | "member";
  /** The number of the segment, from 1; or of that which always says the same as the member. */
  readonly segment: number;
  readonly place: string;
  readonly member: string;
}

/** What is known of a slot's values. */
export interface SlotCensus {
  readonly slot: Slot;
  readonly values: number;
  readonly distinct: number;
  /** The values, with their counts, where these are few. */
  readonly common: readonly (readonly [string, number])[];
  /** How many values are among those of another slot; -1 are accounts. */
  readonly found: ReadonlyMap<number, number>;
}

/** Names that stand together: a segment of a key, and what its document names. */
export interface PairSet {
  readonly id: number;
  readonly family: number;
  /** "" for the document itself, or the place of its elements. */
  readonly place: string;
  readonly segment: number;
  /** The member that names something; "" where an element does by itself. */
  readonly member: string;
  /** Another segment of the key, in the place of a member; 0 for none. */
  readonly other: number;
}

/** How many pairs there are, and how many are also in another set, as they are or turned round. */
export interface PairCensus {
  readonly set: PairSet;
  readonly pairs: number;
  readonly same: ReadonlyMap<number, number>;
  readonly reversed: ReadonlyMap<number, number>;
}

/** Two members that are spelled alike and stand in one document. */
export interface Clash {
  readonly family: number;
  readonly one: string;
  readonly other: string;
}
