import { assertEquals, assertGreater } from "@std/assert";
import type postgres from "postgres";
import { checkJobsSummary } from "../../scripts/demo/jobs/check_summary.ts";
import { makeOldApp } from "../../scripts/demo/jobs/make_old_app.ts";
import { runJobsDemo } from "../../scripts/demo/jobs/run_demo.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { createDatabase } from "../support/database.ts";
import { startApi } from "../support/stack.ts";

Deno.test("a SQLite app's history follows its users as they come, to the unit, and can be undone", async () => {
  await using database = await createDatabase();
  await using api = await startApi(database);
  await using folder = await temporaryFolder();
  const printed: string[] = [];

  const summary = await runJobsDemo({
    sql: database.sql,
    databaseUrl: database.url,
    target: { url: api.url, secretKey: api.keys.secretKey },
    folder: folder.path,
    users: 5_000,
    print: (line) => printed.push(line),
  });

  assertEquals(checkJobsSummary(summary), []);
  assertEquals(printed.some((line) => line.includes("undefined")), false);
  const { app, rounds, verification } = summary;
  assertEquals(app.users, 5_000);
  const shares = rounds.map(({ loaded }) => loaded / app.credits);
  for (const [nth, share] of shares.entries()) {
    assertGreater(share, 0.18 * (nth + 1));
    assertGreater(0.22 * (nth + 1), share);
  }
  assertGreater(verification.entities[0]!.rejected, 0);
  // jobs that cannot be migrated are rejects; no credit is
  assertEquals(verification.entities[1]!.rejected, 0);
  assertEquals(await tablesWith(database.sql, [app.secrets[0]!, app.secrets[1]!]), []);
  assertEquals(await tablesWith(database.sql, ["$2b$10$", "tok_0"]), []);
  // the search finds what is there
  assertEquals(await tablesWith(database.sql, ["user17@example.com"]), [
    "auth.users",
    "landfall.legacy_user_map",
    "landfall.user_links",
    "public.profiles",
    "staging.jobs_users",
  ]);
});

Deno.test("checkJobsSummary() says what does not add up", async () => {
  await using database = await createDatabase();
  await using api = await startApi(database);
  await using folder = await temporaryFolder();
  const summary = await runJobsDemo({
    sql: database.sql,
    databaseUrl: database.url,
    target: { url: api.url, secretKey: api.keys.secretKey },
    folder: folder.path,
    users: 100,
    print: () => {},
  });
  assertEquals(checkJobsSummary(summary), []);

  const wrong = checkJobsSummary({
    ...summary,
    rounds: summary.rounds.map((round) => ({
      ...round,
      loaded: round.loaded + 1,
      inFile: round.inFile + 2,
      unbalanced: 1,
    })),
    verification: { ...summary.verification, state: "different" },
    undone: summary.undone.map((report) => ({
      ...report,
      entities: report.entities.map((entity) => ({ ...entity, left: 1 })),
    })),
    left: 3,
    credits: { ...summary.credits, loaded: 3 },
  });

  assertEquals(wrong.length, 3 * 3 + 4);
});

Deno.test("makeOldApp() gives the same file for the same number of users", async () => {
  await using folder = await temporaryFolder();
  const paths = ["one.db", "two.db"].map((name) => `${folder.path}/${name}`);

  const [one, two] = paths.map((path) => makeOldApp(path, 50));

  assertEquals(one, two);
  const [first, second] = await Promise.all(paths.map((path) => Deno.readFile(path)));
  assertEquals(first, second);
});

/** The tables of the whole database in which one of some texts stands. */
async function tablesWith(sql: postgres.Sql, texts: readonly string[]): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select oid::regclass::text as name
    from pg_class
    where relkind in ('r', 'p', 'm')
      and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    order by 1`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await sql.unsafe(
      `select exists (select from ${name} as row_ where row_::text like any ($1)) as there`,
      [texts.map((text) => `%${text.replaceAll(/[%_\\]/g, "\\$&")}%`)],
    );
    if (row!.there) found.push(name.includes(".") ? name : `public.${name}`);
  }
  return found.sort();
}
