import { assertEquals } from "@std/assert";
import { runSummary } from "../../scripts/invoke/run_summary.ts";
import { createDatabase } from "../support/database.ts";
import { runReport, startRun } from "../support/migration.ts";

Deno.test("a run that goes on says what its tables lack, a failed one what to do", async () => {
  await using database = await createDatabase();
  const engine = database.as("service_role");
  await startRun(engine, "jobs");
  const report = await runReport(engine, 1);
  const last = (summary: string[]) => summary.slice(summary.lastIndexOf("") + 1);

  const running = runSummary({
    ...report,
    state: "running",
    rebuilds: [
      { entity: "jobs", kind: "index", name: "jobs_owner_idx" },
      { entity: "jobs", kind: "foreign key", name: "jobs_user_id_fkey" },
    ],
  }, "migrate");
  const failed = runSummary({
    ...report,
    state: "failed",
    durationMs: 1_200,
    error: { code: "LF304", message: "A key does not hold", hint: "Mend the rows." },
  }, "migrate");

  assertEquals(last(running), [
    "Run 1 is running.",
    "Until it is full, jobs lacks index jobs_owner_idx, foreign key jobs_user_id_fkey.",
  ]);
  assertEquals(last(failed), [
    "Run 1 failed after 1.2 s: LF304 A key does not hold",
    "Mend the rows.",
    "Continue it with: migrate --run-id 1",
  ]);
});
