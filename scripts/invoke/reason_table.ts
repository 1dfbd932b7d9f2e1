import { table } from "./table.ts";

/** Rows of an entity that share a reason. */
export interface Reason {
  readonly entity: string;
  readonly reason: string;
  readonly count: number;
  /** Source keys. */
  readonly sample: readonly string[];
}

/** Reasons beyond these are counted; `--json` has them all. */
const MOST_REASONS = 15;

/**
 * Sets reasons as a table after an empty line, the most frequent first, each with an example.
 *
 * @param title What the reasons are for, such as `rejected because`.
 * @returns No line when there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const reasons = [{ entity: "clients", reason: "no mail", count: 12, sample: ["client:7"] }];
 *
 * assertEquals(reasonTable("rejected because", reasons), [
 *   "",
 *   "entity   rejected because  rows  for example",
 *   "clients  no mail             12  client:7",
 * ]);
 * ```
 */
export function reasonTable(title: string, reasons: readonly Reason[]): string[] {
  if (reasons.length === 0) return [];
  const top = reasons.toSorted((one, other) => other.count - one.count).slice(0, MOST_REASONS);
  const rows = top.map((row) => [row.entity, row.reason, row.count, row.sample[0] ?? ""]);
  const rest = reasons.length - top.length;
  return [
    "",
    ...table(["entity", title, "rows", "for example"], rows),
    ...(rest > 0 ? [`and ${rest} more, see --json`] : []),
  ];
}
