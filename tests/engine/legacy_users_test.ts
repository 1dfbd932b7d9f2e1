import { assertEquals, assertStringIncludes } from "@std/assert";
import { counts } from "../support/migration.ts";
import { oldApp } from "../support/old_app.ts";
import { refusal } from "../support/refusal.ts";

Deno.test("a run takes up the legacy users and tells how many", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: null });

  const first = await test.migrate();
  await test.sql`update staging.jobs_users set email = 'bob@a.b' where id = '2'`;
  await test.sql`insert into staging.jobs_users values ('3', 'cat@a.b')`;
  const second = await test.migrate();

  const users = { listed: 2, added: 2, changed: 0, nameless: 0, doubled: 0 };
  assertEquals(first.users, users);
  assertEquals(second.users, { ...users, listed: 3, added: 1, changed: 1 });
  const map = await test.engine`
    select legacy_user_id, email from landfall.legacy_user_map order by 1`;
  assertEquals(map.map(({ legacy_user_id, email }) => [legacy_user_id, email]), [
    ["1", "ada@a.b"],
    ["2", "bob@a.b"],
    ["3", "cat@a.b"],
  ]);
});

Deno.test("a dry run leaves the legacy users as they are", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });

  const [row] = await test.engine`select landfall.dry_run('jobs') as report`;

  assertEquals(row!.report.users.added, 1);
  assertEquals([...await test.engine`select * from landfall.legacy_user_map`], []);
});

Deno.test("a legacy user who is listed with two addresses has none, and one without an id is counted", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.sql`
    create or replace view transform.jobs_users with (security_invoker = true) as
    select * from (values
      ('1', 'ada@a.b'), ('1', E' ADA@a.b\\t'), ('1', ' '), ('2', 'bob@a.b'), ('2', 'eve@a.b'), (null, 'x@a.b')
    ) as users (legacy_user_id, email)`;

  const report = await test.migrate();

  assertEquals(report.users, { listed: 2, added: 2, changed: 0, nameless: 1, doubled: 2 });
  const waiting = await test.engine`
    select legacy_user_id, reason from landfall.waiting_users order by 1`;
  assertEquals(waiting.map(({ legacy_user_id, reason }) => [legacy_user_id, reason]), [
    ["1", "no account has the address"],
    ["2", "the address is unknown"],
  ]);
});

Deno.test("legacy users and their links stay when runs are rolled back or forgotten", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  const ada = await test.arrive("ada@a.b");
  await test.migrate();
  await test.resolve();
  for (const run of [2, 1]) {
    await test.engine`select landfall.start_rollback(${run})`;
    await test.engine`select landfall.finish_run(${run}, 10000)`;
  }

  await test.engine`select landfall.forget_runs('jobs')`;

  const map = await test.engine`
    select legacy_user_id, supabase_user_id from landfall.legacy_user_map`;
  assertEquals([...map], [{ legacy_user_id: "1", supabase_user_id: ada }]);
});

Deno.test("waiting_users lists who waits, why, for how many rows and credits, and since when", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: null });
  await test.sql`insert into staging.jobs_users values ('3', 'nothing@a.b')`;
  await test.migrate();
  const [run] = await test.engine`select finished_at from landfall.runs`;

  const waiting = await test.engine`select * from landfall.waiting_users order by 1`;

  assertEquals(
    waiting.map(({ legacy_user_id, pipeline, reason, rows, amounts }) => [
      legacy_user_id,
      pipeline,
      reason,
      Number(rows),
      amounts,
    ]),
    [
      ["1", "jobs", "no account has the address", 3, { "credit_transactions.amount": 15 }],
      ["2", "jobs", "the address is unknown", 3, { "credit_transactions.amount": 15 }],
      ["3", "jobs", "no account has the address", 0, {}],
    ],
  );
  assertEquals(waiting.every(({ since }) => since < run!.finished_at), true);
});

Deno.test("users who arrived before the first run have their rows loaded by it", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  const ada = await test.arrive("ada@a.b");
  await test.migrate();
  await test.resolve();
  await test.sql`
    insert into staging.jobs_jobs (id, user_id, job_type, status, created_at)
    values ('job 1b', '1', 'resize', 'done', '2024-05-01')`;

  const report = await test.migrate();

  assertEquals(counts(report, "jobs"), { source: 2, inserted: 1, unchanged: 1 });
  assertEquals(await test.owners(), { [ada]: ["1", "1b"] });
  const [user] = await test.engine`
    select migrated_at is not null as migrated from landfall.legacy_user_map`;
  assertEquals(user, { migrated: true });
});

Deno.test("two pipelines that list users of one id are told apart, before anything is written (LF601)", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  await test.sql`select landfall.define_pipeline('other', 'Another app')`;
  await test.sql`select landfall.define_users('other', 'transform.jobs_users')`;

  const { code, detail } = await refusal(test.engine`select landfall.start_run('other')`);

  assertEquals([code, detail], ["LF601", "One of them is legacy user 1."]);
  const [map] = await test.engine`select pipeline from landfall.legacy_user_map`;
  assertEquals(map, { pipeline: "jobs" });
});

Deno.test("define_users() says what is wrong with the list or the profiles (LF102)", async () => {
  await using test = await oldApp({});
  const problem = async (users: string | null, profiles: string | null = null) => {
    const { code, message } = await refusal(
      test.sql`select landfall.define_users('jobs', ${users}, ${profiles})`,
    );
    assertEquals(code, "LF102");
    return message.replace("Cannot define the users of pipeline jobs: ", "");
  };

  assertEquals(await problem("transform.nothing"), "there is no view transform.nothing");
  assertStringIncludes(await problem("staging.jobs_jobs"), "lacks legacy_user_id text");
  assertEquals(
    await problem("transform.jobs_users", "public.nothing"),
    "there is no table public.nothing",
  );
  assertStringIncludes(
    await problem("transform.jobs_users", "staging.jobs_jobs"),
    "lacks id uuid",
  );
  assertEquals(
    (await refusal(test.sql`select landfall.define_users('none', 'transform.jobs_users')`)).code,
    "LF101",
  );
});
