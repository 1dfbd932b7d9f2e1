import type { StatusReport } from "../../supabase/functions/_shared/replies.ts";
import { table } from "./table.ts";

/** Says in lines of text where pipelines and their runs stand. */
export function statusSummary(report: StatusReport): string[] {
  return report.pipelines.flatMap(({ pipeline, description, entities, runs }) => [
    `${pipeline}: ${description}`,
    "",
    ...table(
      ["entity", "target", "migrated", "rejected", "deferred"],
      entities.map((row) => [row.entity, row.target, row.migrated, row.openRejects, row.deferred]),
    ),
    "",
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
  ]);
}
