import type { ScheduleReport } from "../../supabase/functions/_shared/replies.ts";
import { printable } from "./printable.ts";
import { utcTime } from "./utc_time.ts";

/**
 * Says in lines of text how often users are resolved and runs continued, and what came of it last.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const last = {
 *   through: "sql" as const,
 *   startedAt: "2026-11-20T17:04:00Z",
 *   finishedAt: "2026-11-20T17:04:01Z",
 *   state: "done" as const,
 *   linked: 3,
 *   runs: [{ "7": "completed" }],
 *   errors: [],
 * };
 *
 * assertEquals(scheduleLines({ scheduled: true, every: "* * * * *", problem: null, last }), [
 *   "schedule    * * * * *",
 *   "last tick   2026-11-20 17:04:00 UTC, in SQL: done",
 *   "linked      3",
 *   "runs        7 completed",
 * ]);
 * ```
 */
export function scheduleLines({ every, problem, last }: ScheduleReport): string[] {
  return [
    `schedule    ${printable(every ?? "none")}`,
    ...(problem === null ? [] : [`problem     ${printable(problem)}`]),
    ...(last === null ? [] : lastTick(last)),
  ];
}

function lastTick(
  { through, startedAt, state, linked, runs, errors }: NonNullable<ScheduleReport["last"]>,
): string[] {
  const where = through === "sql" ? "in SQL" : "through resolve-users";
  const states = runs.flatMap((run) => Object.entries(run).map((pair) => pair.join(" ")));
  return [
    `last tick   ${utcTime(startedAt)}, ${where}: ${state}`,
    ...(linked > 0 ? [`linked      ${linked.toLocaleString("en-US")}`] : []),
    ...(states.length > 0 ? [`runs        ${states.join(", ").replaceAll("_", " ")}`] : []),
    ...errors.map(({ code, message }) => `error       ${code} ${printable(message)}`),
  ];
}
