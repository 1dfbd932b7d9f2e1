import type { VerificationReport } from "../../supabase/functions/_shared/replies.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { verdict } from "./verdict.ts";
import { differenceTable } from "./difference_table.ts";
import { table } from "./table.ts";

/** Counts that are shown only when one of them is not zero. */
const RARE = ["kept", "rewritten"] as const;

/**
 * Says in lines of text what a verification compared and found: a table of its entities, the sums,
 * the differences, and in the last line the verdict.
 */
export function verificationSummary(report: VerificationReport): string[] {
  const { differences, progress, durationMs } = report;
  const rows = progress.done.toLocaleString("en-US");
  const onlyUnknown = differences.length > 0 &&
    differences.every(({ kind }) => kind === "unknown");
  return [
    ...entities(report),
    ...sums(report),
    ...differenceTable(differences),
    "",
    ...(onlyUnknown ? ["Add --allow-unknown when the app writes to these tables, too."] : []),
    report.state === "clean"
      ? `Clean: ${rows} ${progress.done === 1 ? "row" : "rows"} compared in ${
        duration(durationMs)
      }.`
      : verdict(report),
  ];
}

function entities({ entities }: VerificationReport): string[] {
  const rare = RARE.filter((name) => entities.some((entity) => entity[name] > 0));
  return table(
    ["entity", "source", "migrated", "rejected", "deferred", ...rare, "unknown", "time"],
    entities.map((row) => [
      row.entity,
      row.source,
      row.migrated,
      row.rejected,
      row.deferred,
      ...rare.map((name) => row[name]),
      row.unknown,
      duration(row.durationMs),
    ]),
  );
}

function sums({ entities }: VerificationReport): string[] {
  const rows = entities.flatMap(({ entity, sums }) =>
    Object.entries(sums).map(([column, [given, stored]]) => [entity, column, given, stored])
  );
  return rows.length === 0 ? [] : ["", ...table(["entity", "sum of", "given", "stored"], rows)];
}
