import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import postgres from "postgres";
import { jobRun } from "./job_run.ts";
import { startServices } from "./start_services.ts";

Deno.test("pg_cron runs the jobs of postgres at the next minute and tells what became of them", async () => {
  await using services = await startServices();
  const { sql } = services;
  await sql`create table public.fired (who text, second numeric)`;
  await sql`
    select
      cron.schedule('good', '* * * * *', $$
        insert into public.fired select current_user, extract(second from clock_timestamp())
      $$),
      cron.schedule('bad', '* * * * *', 'select 1 / 0')`;

  const [good, bad] = await Promise.all([jobRun(sql, "good"), jobRun(sql, "bad")]);

  assertEquals(good, { status: "succeeded", message: "INSERT 0 1" });
  assertEquals(bad.status, "failed");
  assertStringIncludes(bad.message, "division by zero");
  const fired = await sql`select who, second < 30 as at_the_minute from public.fired`;
  assertEquals([...fired], [{ who: "postgres", at_the_minute: true }]);
});

Deno.test("pg_cron leaves one job of a name, as it was scheduled last", async () => {
  await using services = await startServices();
  const schedule = async (schedule: string) => {
    await services.sql`select cron.schedule('tick', ${schedule}, 'select 1')`;
  };

  await schedule("* * * * *");
  await schedule("*/5 * * * *");

  const jobs = await services.sql`select schedule, username from cron.job`;
  assertEquals([...jobs], [{ schedule: "*/5 * * * *", username: "postgres" }]);
});

Deno.test("the roles of the Data API have no access to pg_cron", async () => {
  await using services = await startServices();

  for (const role of ["anon", "authenticated", "service_role"] as const) {
    await assertRejects(
      () => services.as(role)`select cron.schedule('tick', '* * * * *', 'select 1')`,
      postgres.PostgresError,
      "permission denied for schema cron",
    );
  }
});
