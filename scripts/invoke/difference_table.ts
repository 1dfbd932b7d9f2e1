import type { VerificationReport } from "../../supabase/functions/_shared/replies.ts";
import { showValues } from "./show_values.ts";
import { table } from "./table.ts";

type Difference = VerificationReport["differences"][number];

/** Differences beyond these are counted; `--json` has them all. */
const MOST_DIFFERENCES = 15;

/** What the kinds mean; landfall.verification_report has the same list. */
const MEANINGS: Readonly<Record<string, string>> = {
  value: "a column differs from what the transform gives",
  lost: "the target row is gone",
  changed: "the source was rejected since, and the target row is not as it was written",
  unmigrated: "no run has taken the source row",
  vanished: "the source row is gone, the target row is there",
  failing: "the transform cannot compute the row any more",
  twice: "a source key names two rows",
  orphan: "the parent is missing",
  unknown: "no run has written the target row",
  sum: "the sum over the rows differs",
  count: "a run's books do not agree with what is there",
  moved: "the rows were written while they were compared: verify again",
};

/**
 * Sets differences as a table after an empty line, each with an example, and says what their kinds
 * mean.
 *
 * @returns No line when there are none.
 */
export function differenceTable(differences: readonly Difference[]): string[] {
  if (differences.length === 0) return [];
  const top = differences.toSorted((one, other) => other.count - one.count)
    .slice(0, MOST_DIFFERENCES);
  const rows = top.map(({ entity, kind, name, count, sample: [example] }) => [
    entity,
    kind,
    name,
    count,
    example?.sourceKey ?? "",
    example?.targetKey ?? "",
    ...(hasValues(kind)
      ? showValues(example?.expected ?? null, example?.actual ?? null)
      : ["", ""]),
  ]);
  const rest = differences.length - top.length;
  const kinds = [...new Set(top.map(({ kind }) => kind))];
  return [
    "",
    ...table(
      ["entity", "kind", "of", "rows", "for example", "target", "expected", "actual"],
      rows,
    ),
    ...(rest > 0 ? [`and ${rest} more, see --json`] : []),
    "",
    ...table(["kind", "meaning"], kinds.map((kind) => [kind, MEANINGS[kind] ?? ""])),
  ];
}

function hasValues(kind: string): boolean {
  return kind === "value" || kind === "sum" || kind === "count";
}
