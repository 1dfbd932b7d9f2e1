import { assertEquals, assertStringIncludes } from "@std/assert";
import { oldApp } from "../support/old_app.ts";
import { refusal } from "../support/refusal.ts";
import { jobRun } from "./job_run.ts";
import { startServices } from "./start_services.ts";

Deno.test("schedule() has pg_cron resolve users and load their rows, as one job, until unschedule()", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b" }, await startServices());
  await test.migrate();
  const ada = await test.arrive("ada@a.b");
  const call = async (name: string) => {
    const [row] = await test.engine.unsafe(`select landfall.${name} as schedule`);
    return row!.schedule;
  };

  await call("schedule('5 minutes', require_sign_in => false)");
  const scheduled = await call("schedule()");
  const run = await jobRun(test.sql, "landfall");

  assertEquals(scheduled, { scheduled: true, every: "* * * * *", problem: null, last: null });
  assertEquals(run.status, "succeeded");
  const jobs = await test.sql`select jobname, username, command from cron.job`;
  assertEquals([...jobs], [{
    jobname: "landfall",
    username: "postgres",
    command: "select landfall.tick(require_sign_in => 't')",
  }]);
  assertEquals(await test.owners(), { [ada]: ["1"] });
  const { schedule: { last } } = await call("status()");
  assertEquals(
    [last.through, last.state, last.linked, last.runs],
    ["sql", "done", 1, [{ 2: "completed" }]],
  );

  assertEquals((await call("unschedule()")).scheduled, false);
  assertEquals((await call("unschedule()")).scheduled, false);
  assertEquals([...await test.sql`select * from cron.job`], []);
});

Deno.test("status() tells when pg_cron cannot even begin, and schedule() what it does not take (LF702)", async () => {
  await using test = await oldApp({}, await startServices());
  await test.engine`select landfall.schedule()`;
  await test.sql`alter function landfall.tick rename to tock`;

  await jobRun(test.sql, "landfall");

  const [row] = await test.engine`select landfall.status() -> 'schedule' as schedule`;
  assertStringIncludes(row!.schedule.problem, "function landfall.tick");
  for (const every of ["often", "99 99 * * *"]) {
    const { code, message } = await refusal(test.engine`select landfall.schedule(${every})`);
    assertEquals([code, message], ["LF702", `Cannot schedule every ${every}`]);
  }
});
