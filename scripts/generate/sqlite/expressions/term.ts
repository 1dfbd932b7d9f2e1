import type { Affinity } from "./column_affinity.ts";

/** What a column holds in Postgres. */
export type Kind =
  | "text"
  | "integer"
  | "real"
  | "numeric"
  | "boolean"
  | "time"
  | "date"
  | "uuid"
  | "json"
  | "bytes";

/** A column that an expression may name. */
export interface ExpressionColumn {
  /** Its name in Postgres, quoted where needed. */
  readonly sql: string;
  readonly kind: Kind;
  /**
   * Whether its values differ from those in SQLite: 0 and 1 became a boolean, an epoch a time, a
   * text a uuid or jsonb, an integer a text.
   */
  readonly converted: boolean;
  /** COLLATE of the column in SQLite, in lower case: binary unless said. */
  readonly collation: string;
  /** The affinity of what was declared in SQLite: it decides what a literal is compared as. */
  readonly affinity: Affinity;
  /** Whether it refuses NULL in Postgres. */
  readonly notNull?: boolean;
  /** The storage classes of its values in SQLite, NULL left out, where they are known. */
  readonly classes?: ReadonlySet<string>;
}

/** The columns of a table, by their lower-cased names in SQLite. */
export type Columns = ReadonlyMap<string, ExpressionColumn>;

/** Why an expression has no translation, for a person. */
export interface Refused {
  readonly kind: "refused";
  readonly why: string;
}

/** An expression in Postgres, with what SQLite knows of it. */
export interface Term {
  readonly kind: Kind | "null";
  readonly sql: string;
  /** How tightly its outermost operator binds in Postgres. */
  readonly level: number;
  /** The value of a literal. */
  readonly literal?: bigint | number | string;
  /** A column as such, not part of an expression. */
  readonly column?: ExpressionColumn;
  /** The values are not those of SQLite, only the NULLs are. */
  readonly opaque?: boolean;
  /** Both integers and reals in SQLite, so that what is computed from it depends on the row. */
  readonly mixed?: boolean;
  /**
   * Of an `integer` in Postgres, the most it can be from 0: its arithmetic overflows beyond 32 bits,
   * where that of SQLite does not. A `bigint` has none.
   */
  readonly most?: bigint;
  readonly affinity?: Affinity;
  readonly collation?: { readonly name: string; readonly explicit: boolean };
  /** Of a typeof(): the storage classes the column's values can have. */
  readonly typesOf?: { readonly column: Term; readonly classes: ReadonlySet<string> };
  /** True or NULL for every row that the types in Postgres allow: a check that always passes. */
  readonly neverFalse?: boolean;
  /** True exactly for these values of one boolean column, and perhaps for NULL. */
  readonly trueFor?: { readonly column: string; readonly values: readonly (0 | 1)[] };
}

/** The most that an `integer` of Postgres holds. */
export const MOST_INTEGER = 2n ** 31n - 1n;

/** No text of Postgres has as many bytes. */
export const LONGEST_TEXT = 2n ** 30n;

/** Binding of Postgres's operators, the tightest last. */
export const LEVEL = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  like: 6,
  other: 7,
  add: 8,
  multiply: 9,
  collate: 10,
  sign: 11,
  cast: 12,
  primary: 13,
} as const;

/**
 * A term's SQL for a place that asks for a binding, in parentheses when it binds less.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const sum = { kind: "integer", sql: "a + 1", level: LEVEL.add } as const;
 * assertEquals(enclosed(sum, LEVEL.comparison), "a + 1");
 * assertEquals(enclosed(sum, LEVEL.multiply), "(a + 1)");
 * ```
 */
export function enclosed(term: Term, least: number): string {
  return term.level < least ? `(${term.sql})` : term.sql;
}
