import type { StatusReport } from "../../supabase/functions/_shared/replies.ts";
import { scheduleLines } from "./schedule_lines.ts";
import { table } from "./table.ts";

type Pipeline = StatusReport["pipelines"][number];

/** Says in lines of text where pipelines, their users and runs, and the schedule stand. */
export function statusSummary({ pipelines, schedule }: StatusReport): string[] {
  return [...pipelines.flatMap(pipelineLines), ...scheduleLines(schedule)];
}

function pipelineLines(
  { pipeline, description, entities, leftOut, users, companies, runs }: Pipeline,
): string[] {
  return [
    `${pipeline}: ${description}`,
    "",
    ...table(
      ["entity", "target", "migrated", "rejected", "deferred"],
      entities.map((row) => [row.entity, row.target, row.migrated, row.openRejects, row.deferred]),
    ),
    "",
    ...(leftOut === 0 ? [] : [leftOutText(leftOut), ""]),
    ...(users === null ? [] : [resolvedText(users), ""]),
    ...(companies === null ? [] : [...companyTable(companies), ""]),
    ...(runs.length === 0 ? ["no runs yet"] : table(
      ["run", "state", "started", "done", "of"],
      runs.map(({ runId, state, startedAt, progress }) => [
        runId,
        state.replace("_", " "),
        startedAt?.slice(0, 19).replace("T", " ") ?? "not yet",
        progress.done,
        progress.total,
      ]),
    )),
    "",
  ];
}

function companyTable(companies: NonNullable<Pipeline["companies"]>): string[] {
  return table(
    ["company", "name", "state", "source", "migrated", "rejected", "deferred"],
    companies.map((row) => [
      row.company ?? "(of none)",
      row.name ?? "",
      row.state,
      row.source,
      row.migrated,
      row.rejected,
      row.deferred,
    ]),
  );
}

function leftOutText(leftOut: number): string {
  const rows = leftOut === 1 ? "row was" : "rows were";
  return `${leftOut.toLocaleString("en-US")} ${rows} left out by the import: landfall.left_out`;
}

function resolvedText({ listed, resolved }: NonNullable<Pipeline["users"]>): string {
  const [of, all] = [resolved, listed].map((count) => count.toLocaleString("en-US"));
  return `${of} of ${all} legacy ${listed === 1 ? "user" : "users"} resolved`;
}
