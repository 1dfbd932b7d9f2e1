import type { MemberCensus, SlotCensus } from "../census/store_census.ts";
import type { Family } from "./family.ts";
import type { ColumnPlan, Source } from "./store_plan.ts";

/** A column, with the values that may name a row of another table. */
export interface DraftColumn extends ColumnPlan {
  readonly slot: SlotCensus | undefined;
  /** Values that are there. */
  readonly values: number;
  /** What nearly every value would have been. */
  readonly nearly: { readonly type: string; readonly misfits: number } | undefined;
}

/** A table before it is known what its columns refer to. */
export interface Draft {
  readonly name: string;
  readonly comment: string;
  /** The words of its keys, by which others may refer to it. */
  readonly singular: string;
  readonly families: readonly Family[];
  readonly sources: readonly Source[];
  readonly rows: number;
  readonly columns: readonly DraftColumn[];
  readonly primaryKey: readonly string[];
  /** Slots whose values name its rows, and the column that holds them. */
  readonly keys: readonly { readonly slot: SlotCensus; readonly column: string }[];
  readonly secrets: readonly string[];
  /** Columns that the app looks up by. */
  readonly lookups: readonly string[];
}

/** Members of documents that are spelled differently and mean the same. */
export interface Spelling {
  readonly name: string;
  readonly members: readonly MemberCensus[];
}
