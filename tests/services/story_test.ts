import { assertEquals } from "@std/assert";
import { checkJobsSummary } from "../../scripts/demo/jobs/check_summary.ts";
import { runJobsDemo } from "../../scripts/demo/jobs/run_demo.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { startApi } from "../support/stack.ts";
import { startServices } from "./start_services.ts";

Deno.test("pg_cron alone brings a SQLite app's history to its users, round by round, to the unit", async () => {
  await using services = await startServices();
  await using api = await startApi(services);
  await using folder = await temporaryFolder();
  const { sql } = services;
  await sql`select landfall.schedule()`;

  const summary = await runJobsDemo({
    sql,
    databaseUrl: services.url,
    target: { url: api.url, secretKey: api.keys.secretKey },
    folder: folder.path,
    users: 1_000,
    tick: async () => {
      const begun = new Date();
      for (const deadline = Date.now() + 90_000; Date.now() < deadline;) {
        const [tick] = await sql`
          select errors from landfall.ticks
          where started_at > ${begun} and finished_at is not null limit 1`;
        if (tick) return assertEquals(tick.errors, []);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error("pg_cron has not ticked");
    },
    print: () => {},
  });

  assertEquals(checkJobsSummary(summary), []);
});
