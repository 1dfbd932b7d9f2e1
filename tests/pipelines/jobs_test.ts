import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { authUsers } from "../support/auth_users.ts";
import { createDatabase } from "../support/database.ts";
import { counts, reasons } from "../support/migration.ts";
import { oldApp } from "../support/old_app.ts";
import { runScenarios } from "./scenarios.ts";

runScenarios({
  pipeline: "jobs",
  // ids are drawn anew in every database
  targets: ["jobs", "credit_transactions"].map((table) =>
    `(
      select profiles.email, to_jsonb(owned) - 'id' - 'user_id' as values
      from ${table} as owned join profiles on profiles.id = owned.user_id
    )`
  ),
  stage: async (sql) => {
    await sql`
      insert into staging.jobs_users (id, email)
      select id::text, format('user%s@a.b', id) from generate_series(1, 60) as id`;
    await sql`
      insert into staging.jobs_jobs (id, user_id, job_type, status, created_at, metadata)
      select
        id::text, (1 + id % 62)::text, case when id % 50 <> 0 then 'resize' end, 'done',
        (1700000000 + id)::text, case when id % 40 = 0 then '{' else '{"width": 10}' end
      from generate_series(1, 900) as id`;
    await sql`
      insert into staging.jobs_credit_transactions
        (id, user_id, amount, transaction_type, reference_id, created_at)
      select
        id::text, (1 + id % 62)::text, case when id % 70 = 0 then '1.5' else id::text end,
        'bought', 'r' || id / 2, '2024-01-01 10:00:00'
      from generate_series(1, 900) as id`;
    // every other user is there already
    const people = authUsers(sql);
    for (let id = 1; id <= 60; id += 2) await people.confirm(await people.signUp(`user${id}@a.b`));
    await sql`select landfall.list_users('jobs')`;
    await sql`select landfall.resolve_users('jobs')`;
  },
});

const TIMES: Record<string, string | null> = {
  "2024-05-01 10:00:00": "2024-05-01T10:00:00.000Z",
  "2024-05-01T10:00:00.25Z": "2024-05-01T10:00:00.250Z",
  "2024-05-01T12:00:00+02:00": "2024-05-01T10:00:00.000Z",
  "2024-05-01 12:00+0200": "2024-05-01T10:00:00.000Z",
  "2024-05-01": "2024-05-01T00:00:00.000Z",
  " 2024-05-01 10:00 ": "2024-05-01T10:00:00.000Z",
  "1714557600": "2024-05-01T10:00:00.000Z",
  "1714557600.25": "2024-05-01T10:00:00.250Z",
  "1714557600123": "2024-05-01T10:00:00.123Z",
  "1714557600123.0": "2024-05-01T10:00:00.123Z",
  "": null,
  " ": null,
};

Deno.test("jobs: times are UTC, however they were written", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.arrive("ada@a.b");
  await test.sql`delete from staging.jobs_jobs`;
  await test.sql`
    insert into staging.jobs_jobs (id, user_id, job_type, status, created_at, updated_at)
    select time, '1', 'resize', 'done', '2001-01-01', time
    from unnest(${Object.keys(TIMES)}::text[]) as times (time)`;
  await test.sql`set timezone = 'America/New_York'`;
  await test.migrate();
  await test.resolve();

  const rows = await test.sql`
    select source_key, updated_at
    from jobs join landfall.lineage on target_key = jobs.id::text`;

  assertEquals(rows.length, Object.keys(TIMES).length);
  for (const { source_key, updated_at } of rows) {
    assertEquals(updated_at?.toISOString() ?? null, TIMES[source_key], source_key);
  }
});

for (
  const time of ["now", "infinity", "yesterday", "2024-02-30", "2460432.9", "17145576", "10:00"]
) {
  Deno.test(`jobs: ${time} is no time, and rejects its row alone`, async () => {
    await using test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b" });
    await test.sql`update staging.jobs_jobs set created_at = ${time} where user_id = '1'`;
    await test.arrive("ada@a.b");
    await test.arrive("bob@a.b");
    await test.migrate();

    const { runs: [run] } = await test.resolve();

    assertEquals(counts(run!, "jobs"), { source: 2, inserted: 1, rejected: 1 });
    assertEquals(Object.values(reasons(run!, "jobs")), [["job 1"]]);
  });
}

Deno.test("jobs: an id is the same as an integer, as text, and as a real", async () => {
  await using test = await oldApp({ 1: "ada@a.b", "2.0": "bob@a.b", "b.0": "cat@a.b" });
  await test.sql`update staging.jobs_jobs set user_id = '1.0' where user_id = '1'`;
  await test.sql`update staging.jobs_jobs set user_id = '2' where user_id = '2.0'`;
  const [ada, bob, cat] = [
    await test.arrive("ada@a.b"),
    await test.arrive("bob@a.b"),
    await test.arrive("cat@a.b"),
  ];
  await test.migrate();
  await test.resolve();

  assertEquals(await test.owners(), { [ada]: ["1"], [bob]: ["2.0"], [cat]: ["b.0"] });
});

Deno.test("jobs: a row of nobody is rejected, with every other reason", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.sql`
    update staging.jobs_jobs set user_id = '9', status = null, updated_at = '2023-01-01'`;
  await test.sql`update staging.jobs_credit_transactions set user_id = null, amount = '1e3'`;

  const report = await test.migrate();

  assertEquals(Object.keys(reasons(report, "jobs")).sort(), [
    "its owner is no user of the old app",
    "status is missing",
    "the job was updated before it was created",
    "user_id is missing",
  ]);
  assertEquals(counts(report, "credit_transactions"), { source: 2, rejected: 2 });
});

Deno.test("jobs: several transactions of one reference are a finding", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.sql`update staging.jobs_credit_transactions set reference_id = 'r1'`;

  const { findings } = await test.migrate();

  assertEquals(findings.map(({ finding, count, sample }) => [finding, count, sample]), [
    ["same_reference", 2, ["10 of 1", "5 of 1"]],
  ]);
});

Deno.test("jobs: the books tell what became of every row, and of every user's credits", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b" });
  await test.sql`
    insert into staging.jobs_credit_transactions (id, user_id, amount, created_at)
    values ('lost', '2', '7', '2024-05-01')`;
  await test.arrive("ada@a.b");
  await test.arrive("bob@a.b");
  await test.migrate();
  await test.sql`delete from profiles where email = 'bob@a.b'`;
  await test.resolve();
  await test.sql`insert into profiles select id, email from auth.users where email like 'bob%'`;
  await test.resolve();
  await test.sql`update staging.jobs_users set id = id || 'x'`;
  await test.sql`
    insert into staging.jobs_credit_transactions (id, user_id, amount, created_at)
    values ('waits', '3', '9', '2024-05-01')`;
  await test.sql`insert into staging.jobs_users values ('3', 'cat@a.b')`;
  await test.migrate();

  const credits = await test.sql`
    select legacy_user_id, in_file::int, loaded::int, waiting::int, rejected::int
    from transform.jobs_credits order by 1`;
  const [books] = await test.sql`
    select rows::int, migrated::int, waiting::int, rejected::int, users::int, earliest = latest as once
    from transform.jobs_books where entity = 'credit_transactions'`;

  assertEquals(credits.map((row) => Object.values(row)), [
    ["1", 15, 15, 0, 0],
    ["2", 22, 15, 0, 7],
    ["3", 9, 0, 9, 0],
  ]);
  assertEquals(books, {
    rows: 6,
    migrated: 4,
    waiting: 1,
    rejected: 1,
    users: 3,
    once: true,
  });
});

Deno.test("jobs: users read their own rows and nobody else's, and write none", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b" });
  const ada = await test.arrive("ada@a.b");
  await test.arrive("bob@a.b");
  await test.migrate();
  await test.resolve();
  const user = test.database.as("authenticated");
  const asAda = <Row extends postgres.MaybeRow[]>(query: (sql: postgres.Sql) => Promise<Row>) =>
    user.begin(async (sql) => {
      await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: ada })}, true)`;
      return await query(sql as unknown as postgres.Sql);
    });

  for (const [table, rows] of [["profiles", 1], ["jobs", 1], ["credit_transactions", 2]] as const) {
    const seen = await asAda((sql) => sql`select * from ${sql(table)}`);
    const owners = new Set((seen as postgres.Row[]).map((row) => row.user_id ?? row.id));
    assertEquals([(seen as unknown[]).length, [...owners]], [rows, [ada]], table);

    const [may] = await test.sql`
      select
        has_table_privilege('authenticated', ${table}, 'insert, update, delete') as write,
        has_table_privilege('anon', ${table}, 'select') as look`;
    assertEquals(may, { write: false, look: false });
  }
});

Deno.test("jobs: a profile that cannot be made never keeps anybody from signing up", async () => {
  await using database = await createDatabase();
  const people = authUsers(database.sql);
  await database.sql`alter table profiles add constraint nobody check (email is null)`;

  const id = await people.signUp("ada@a.b");
  assertEquals([...await database.sql`select * from profiles`], []);

  await database.sql`alter table profiles drop constraint nobody`;
  await people.confirm(id);
  const profiles = await database.sql`select id, email from profiles`;
  assertEquals([...profiles], [{ id, email: "ada@a.b" }]);
});

Deno.test("jobs: a profile follows its account, and goes with it", async () => {
  await using database = await createDatabase();
  const people = authUsers(database.sql);
  const id = await people.signUp("ada@a.b");

  await database.sql`update auth.users set email = 'new@a.b' where id = ${id}`;
  assertEquals([...await database.sql`select email from profiles`], [{ email: "new@a.b" }]);

  await database.sql`delete from auth.users where id = ${id}`;
  assertEquals([...await database.sql`select email from profiles`], []);
});
