import type { RunReport } from "../replies.ts";
import { duration } from "./duration.ts";

/** Counts of a report that are worth a word, when they are not zero. */
const OUTCOMES = ["inserted", "updated", "unchanged", "rejected", "deferred", "pruned"] as const;
const UNDONE = ["deleted", "restored", "released", "left"] as const;

/**
 * Says in one line how a run ended, for a chat room.
 *
 * It holds names, counts and times, and no values of rows.
 *
 * @param report A run that is over.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RunReport } from "../replies.ts";
 *
 * const report = RunReport.parse({
 *   runId: 7,
 *   pipeline: "kv",
 *   documents: false,
 *   state: "completed",
 *   dryRun: false,
 *   options: {},
 *   requestedBy: "me",
 *   startedAt: null,
 *   finishedAt: null,
 *   durationMs: 12_000,
 *   error: null,
 *   progress: { done: 1_200, total: 1_200 },
 *   users: null,
 *   companies: null,
 *   entities: [{
 *     entity: "clients",
 *     target: "public.clients",
 *     state: "done",
 *     source: 1_200,
 *     inserted: 1_195,
 *     updated: 0,
 *     unchanged: 0,
 *     rejected: 5,
 *     deferred: 0,
 *     pruned: 0,
 *     durationMs: 11_000,
 *   }],
 *   rejects: [],
 *   findings: [],
 *   leftovers: [],
 *   rebuilds: [],
 *   rollback: null,
 *   verification: null,
 * });
 *
 * assertEquals(
 *   endLine(report),
 *   "Landfall: run 7 of kv completed in 12 s: 1,200 source rows, 1,195 inserted, 5 rejected",
 * );
 * ```
 */
export function endLine(report: RunReport): string {
  return `Landfall: run ${report.runId} of ${report.pipeline} ${ending(report)}`;
}

function ending(report: RunReport): string {
  const { state, error } = report;
  const took = duration(report.durationMs);
  switch (state) {
    case "completed":
      return `completed in ${took}: ${outcomes(report)}`;
    case "failed":
      return `failed after ${took}: ${error?.code} ${error?.message}`;
    case "cancelled":
      return `was cancelled: ${outcomes(report)}`;
    case "rolled_back":
      return `was rolled back${undone(report)}`;
    default:
      return `is ${state}`;
  }
}

function outcomes({ entities }: RunReport): string {
  const source = entities.reduce((total, entity) => total + entity.source, 0);
  return [
    `${number(source)} source ${source === 1 ? "row" : "rows"}`,
    ...sums(entities, OUTCOMES),
  ].join(", ");
}

function undone({ rollback }: RunReport): string {
  if (rollback === null) return "";
  const counts = sums(rollback.entities, UNDONE).join(", ");
  return ` in ${duration(rollback.durationMs)}: ${counts || "nothing was to be undone"}`;
}

/** What is not zero over all entities, as `1,195 inserted`. */
function sums<Name extends string>(
  entities: readonly Readonly<Record<Name, number>>[],
  names: readonly Name[],
): string[] {
  return names.flatMap((name) => {
    const sum = entities.reduce((total, entity) => total + entity[name], 0);
    return sum > 0 ? [`${number(sum)} ${name}`] : [];
  });
}

function number(count: number): string {
  return count.toLocaleString("en-US");
}
