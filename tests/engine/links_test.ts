import { assertEquals } from "@std/assert";
import { verify } from "../support/migration.ts";
import { type OldApp, oldApp } from "../support/old_app.ts";
import { refusal } from "../support/refusal.ts";

Deno.test("unlink_user() takes the user's rows back, keeps what they were, and lets them wait again", async () => {
  await using test = await loaded();

  const { runs: [run], supabaseUserId } = await unlink(test, "1");

  assertEquals(supabaseUserId, test.ada);
  assertEquals(run.entities.map(({ entity, pruned }: Entity) => [entity, pruned]), [
    ["jobs", 1],
    ["credit_transactions", 2],
  ]);
  assertEquals(await test.owners(), { [test.bob]: ["2"] });
  const [waiting] = await test.engine`
    select legacy_user_id, reason, rows::int, amounts
    from landfall.waiting_users where rows > 0`;
  assertEquals(waiting, {
    legacy_user_id: "1",
    reason: "unlinked by hand",
    rows: 3,
    amounts: { "credit_transactions.amount": 15 },
  });
  assertEquals((await verify(test.engine, "jobs")).differences, []);
});

Deno.test("a link that was ended is not made again by itself", async () => {
  await using test = await loaded();
  await unlink(test, "1");

  const { users: [users], runs } = await test.resolve();

  assertEquals([users!.linked, runs], [0, []]);
  assertEquals(users!.waiting, {
    users: 2,
    reasons: { "no account has the address": 1, "unlinked by hand": 1 },
  });
  assertEquals(await test.owners(), { [test.bob]: ["2"] });
});

Deno.test("user_links tells how each link was made and ended, by whom and why", async () => {
  await using test = await loaded();
  await unlink(test, "1");

  const links = await test.engine`
    select
      legacy_user_id, supabase_user_id, evidence, address, linked_by, unlinked_by, reason,
      email_confirmed_at <= last_sign_in_at as confirmed_before, unlinked_at > linked_at as ended
    from landfall.user_links order by id`;

  const link = {
    evidence: "sign-in",
    linked_by: "service_role",
    confirmed_before: true,
  };
  assertEquals([...links], [
    {
      ...link,
      legacy_user_id: "1",
      supabase_user_id: test.ada,
      address: "ada@a.b",
      unlinked_by: "support",
      reason: "another Ada",
      ended: true,
    },
    {
      ...link,
      legacy_user_id: "2",
      supabase_user_id: test.bob,
      address: "bob@a.b",
      unlinked_by: null,
      reason: null,
      ended: null,
    },
  ]);
});

Deno.test("unlink_user(dry_run) reports what it would do, and does nothing", async () => {
  await using test = await loaded();
  const before = await test.owners();

  const rehearsed = await unlink(test, "1", true);
  assertEquals(await test.owners(), before);
  const [link] = await test.engine`
    select count(*)::int as ended from landfall.user_links where unlinked_at is not null`;
  assertEquals(link, { ended: 0 });

  const done = await unlink(test, "1");
  const pruned = ({ pruned }: Entity) => pruned;
  assertEquals(
    rehearsed.runs[0].entities.map(pruned),
    done.runs[0].entities.map(pruned),
  );
});

Deno.test("unlink_user() leaves what the app has changed or refers to, and lists it", async () => {
  await using test = await loaded();
  await test.sql`
    update credit_transactions set amount = 11 where user_id = ${test.ada} and amount = 10`;
  await test.sql`create table notes (job_id uuid references jobs (id))`;
  await test.sql`grant select on notes to service_role`;
  await test.sql`insert into notes select id from jobs where user_id = ${test.ada}`;

  const { runs: [run] } = await unlink(test, "1");

  assertEquals(
    run.leftovers.map(({ entity, count }: { entity: string; count: number }) => [entity, count]),
    [["jobs", 1], ["credit_transactions", 1]],
  );
  assertEquals((await test.owners())[test.ada], ["1"]);
});

Deno.test("the run that took a user's rows back can be rolled back", async () => {
  await using test = await loaded();
  const before = await rows(test);
  const { runs: [{ runId }] } = await unlink(test, "1");

  await test.engine`select landfall.start_rollback(${runId})`;
  await test.engine`select landfall.finish_run(${runId}, 10000)`;

  assertEquals(await rows(test), before);
});

Deno.test("link_user() links by hand, whatever the address, and the rows follow", async () => {
  await using test = await loaded();
  await unlink(test, "1");

  const [row] = await test.engine`
    select landfall.link_user('1', ${test.bob}, 'they are one', 'support') as link`;
  const { runs: [run] } = await test.resolve();

  assertEquals(row!.link, { legacyUserId: "1", supabaseUserId: test.bob, waiting: 3 });
  assertEquals(run!.entities.map(({ inserted }) => inserted), [1, 2]);
  assertEquals(await test.owners(), { [test.bob]: ["1", "2"] });
  const [link] = await test.engine`
    select evidence, linked_by, reason from landfall.user_links order by id desc limit 1`;
  assertEquals(link, { evidence: "by hand", linked_by: "support", reason: "they are one" });
});

const NOBODY = "00000000-0000-4000-8000-00000000dead";

Deno.test("link_user() and unlink_user() say no to what cannot be (LF603, LF604, LF202)", async () => {
  await using test = await loaded();
  const waiting = await test.people.createUser("cat@a.b");
  await test.sql`delete from profiles where id = ${waiting}`;
  const link = (id: string, account: string) =>
    refusal(test.engine`select landfall.link_user(${id}, ${account})`);
  const end = (id: string) => refusal(test.engine`select landfall.unlink_user(${id})`);

  assertEquals((await link("9", test.ada)).code, "LF603");
  assertEquals((await end("9")).code, "LF603");
  assertEquals(await link("1", test.bob).then(({ code, hint }) => [code, hint]), [
    "LF604",
    "End that link first: unlink-user.",
  ]);
  assertEquals((await end("3")).code, "LF604");
  assertEquals(
    (await link("3", NOBODY)).message,
    `Cannot link to account ${NOBODY}: there is no such account`,
  );
  assertEquals(
    (await link("3", waiting)).message,
    `Cannot link to account ${waiting}: it has no row in public.profiles`,
  );

  await test.engine`select landfall.start_run('jobs')`;
  assertEquals((await end("1")).code, "LF202");
  const [standing] = await test.engine`
    select supabase_user_id from landfall.legacy_user_map where legacy_user_id = '1'`;
  assertEquals(standing, { supabase_user_id: test.ada });
});

type Entity = { entity: string; pruned: number };

/** Ada's and Bob's rows are loaded, Cat's wait. */
async function loaded(): Promise<OldApp & { ada: string; bob: string }> {
  const test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b", 3: "cat@a.b" });
  await test.sql`delete from staging.jobs_jobs where user_id = '3'`;
  await test.sql`delete from staging.jobs_credit_transactions where user_id = '3'`;
  const [ada, bob] = [await test.arrive("ada@a.b"), await test.arrive("bob@a.b")];
  await test.migrate();
  await test.resolve();
  await test.migrate();
  return { ...test, ada, bob };
}

async function unlink(test: OldApp, id: string, dryRun = false) {
  const [row] = await test.engine`
    select landfall.unlink_user(${id}, ${dryRun}, 'another Ada', 'support') as report`;
  return row!.report;
}

async function rows(test: OldApp): Promise<unknown> {
  const [row] = await test.sql`
    select
      (select json_agg(jobs order by id) from jobs) as jobs,
      (select json_agg(credits order by id) from credit_transactions as credits) as credits`;
  return row;
}
