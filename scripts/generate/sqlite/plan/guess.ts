import type { Reading } from "../../../verify/reading/reading.ts";
import type { ColumnCensus } from "../census/column_census.ts";
import type { FileColumn } from "../schema/file_schema.ts";

/** What a person may switch off. */
export interface ReadingOptions {
  readonly timestamps: boolean;
  readonly json: boolean;
}

/** What is known of a column when its reading is chosen. */
export interface Subject extends ReadingOptions {
  readonly column: FileColumn;
  readonly census: ColumnCensus;
  /** Whether it is a key, or part of one: a key of 0 and 1 is no truth value. */
  readonly isKey: boolean;
  /** Conditions of the table: a column that may be 2 is no truth value, either. */
  readonly checks: readonly string[];
}

/** What a column could become. */
export interface Guess {
  /** The type in Postgres. */
  readonly type: string;
  readonly reading: Reading;
  /** Sentences with the evidence; none when the declaration says it all and every value agrees. */
  readonly evidence: readonly string[];
  /** How many of the values are that. */
  readonly fits: number;
}

/**
 * Whether enough of the values are what the column is meant to hold, nine in ten; or, where nothing
 * says what it is meant for, all of them.
 *
 * @param ignored Values that say nothing, such as empty texts: half of them at most.
 */
export function accepts({ census }: Subject, fits: number, meant: boolean, ignored = 0): boolean {
  const rest = census.values - ignored;
  if (ignored * 2 > census.values) return false;
  return fits > 0 && (meant ? (rest - fits) * 10 <= rest : fits === census.values);
}

/**
 * Says what all values of a column are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(allAre(1, "text", "a uuid", "uuids"), "its only text is a uuid");
 * assertEquals(allAre(1_200, "text", "a uuid", "uuids"), "all 1,200 texts are uuids");
 * ```
 */
export function allAre(many: number, noun: string, one: string, several = one): string {
  const number = many.toLocaleString("en-US");
  return many === 1 ? `its only ${noun} is ${one}` : `all ${number} ${noun}s are ${several}`;
}
