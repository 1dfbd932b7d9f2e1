import type { RunReport } from "../contract.ts";
import { duration } from "./duration.ts";

/** Counts of a report that are worth a word, when they are not zero. */
const OUTCOMES = ["inserted", "updated", "unchanged", "rejected", "deferred"] as const;

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
 * import { RunReport } from "../contract.ts";
 *
 * const report = RunReport.parse({
 *   runId: 7,
 *   pipeline: "kv",
 *   state: "completed",
 *   dryRun: false,
 *   options: {},
 *   startedAt: null,
 *   finishedAt: null,
 *   durationMs: 12_000,
 *   error: null,
 *   progress: { done: 1_200, total: 1_200 },
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
 *     durationMs: 11_000,
 *   }],
 *   rejects: [],
 *   findings: [],
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
    default:
      return state === "rolled_back" ? "was rolled back" : `is ${state}`;
  }
}

function outcomes({ entities }: RunReport): string {
  const sum = (name: (typeof OUTCOMES)[number] | "source") =>
    entities.reduce((total, entity) => total + entity[name], 0);
  const number = (count: number) => count.toLocaleString("en-US");
  const source = sum("source");
  return [
    `${number(source)} source ${source === 1 ? "row" : "rows"}`,
    ...OUTCOMES.filter((name) => sum(name) > 0).map((name) => `${number(sum(name))} ${name}`),
  ].join(", ");
}
