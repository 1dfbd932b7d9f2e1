import { assertEquals, assertObjectMatch } from "@std/assert";
import { arrive, stageJobs } from "./jobs_app.ts";
import { setup } from "./setup.ts";

Deno.test("schedule and unschedule refuse what makes no sense", async () => {
  await using test = await setup(null);
  const refusals: [name: string, body: unknown, status: number, code: string][] = [
    ["schedule", { evry: "1 minute" }, 400, "LF001"],
    ["schedule", { every: 1 }, 400, "LF001"],
    ["schedule", { every: "" }, 400, "LF203"],
    ["unschedule", { every: "1 minute" }, 400, "LF001"],
  ];

  for (const [name, body, status, code] of refusals) {
    const response = await test.call(name, body);
    const failure = await response.json();
    assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
  }
});

Deno.test("schedule says that pg_cron is not installed (LF701); unschedule has nothing to end", async () => {
  await using test = await setup(null);

  const schedule = await test.call("schedule", { every: "5 minutes" });
  const unschedule = await test.call("unschedule");

  assertEquals([schedule.status, (await schedule.json()).code], [503, "LF701"]);
  assertEquals(unschedule.status, 200);
  assertEquals(await unschedule.json(), {
    scheduled: false,
    every: null,
    problem: null,
    last: null,
  });
});

Deno.test("status tells of each pipeline's users, and of the last tick", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql);
  await test.call("migrate", { pipeline: "jobs" });
  await arrive(test.sql, "u1@old.example");
  await test.sql`select landfall.tick()`;

  const response = await test.call("status");
  const { pipelines, schedule } = await response.json();

  assertEquals(
    pipelines.map(({ pipeline, users }: Record<string, unknown>) => [pipeline, users]),
    [["crm", null], ["hyperpage", null], ["jobs", { listed: 3, resolved: 1 }], ["kv", null], [
      "tracker",
      null,
    ]],
  );
  assertObjectMatch(schedule, {
    scheduled: false,
    last: { through: "sql", state: "done", linked: 1, runs: [{ 2: "completed" }], errors: [] },
  });
});
