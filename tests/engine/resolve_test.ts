import { assert, assertEquals } from "@std/assert";
import { counts } from "../support/migration.ts";
import { type OldApp, oldApp } from "../support/old_app.ts";
import { refusal } from "../support/refusal.ts";

Deno.test("resolve_users() links who has confirmed and signed in, and loads exactly their rows", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b" });
  const first = await test.migrate();
  const ada = await test.arrive("ada@a.b");

  const { users: [users], runs: [run] } = await test.resolve();

  assertEquals(counts(first, "jobs"), { source: 2, deferred: 2 });
  assertEquals(
    users!.links.map(({ legacyUserId, supabaseUserId, evidence }) => [
      legacyUserId,
      supabaseUserId,
      evidence,
    ]),
    [["1", ada, "sign-in"]],
  );
  assertEquals(users!.waiting, { users: 1, reasons: { "no account has the address": 1 } });
  assertEquals(run!.state, "completed");
  assertEquals(counts(run!, "jobs"), { source: 1, inserted: 1 });
  assertEquals(counts(run!, "credit_transactions"), { source: 2, inserted: 2 });
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("resolve_users() does the same once, however often it is called", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b" });
  await test.migrate();
  const ada = await test.arrive("ada@a.b");
  await test.resolve();

  const again = await test.resolve();
  const [, both] = await Promise.all([test.resolve(), test.resolve()]);

  assertEquals([again.users[0]!.linked, again.runs], [0, []]);
  assertEquals([both.users[0]!.linked, both.runs], [0, []]);
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("resolve_users() links a user once when two calls come at a time", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  const ada = await test.arrive("ada@a.b");

  const calls = await Promise.all([1, 2, 3].map(() => test.resolve()));

  assertEquals(calls.map(({ users: [users] }) => users!.linked).sort(), [0, 0, 1]);
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("resolve_users(dry_run) reports what it would do, to the row, and does nothing", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "ADA@a.b", 3: "eve@a.b" });
  await test.migrate();
  await test.arrive("ada@a.b");
  const before = await state(test);

  const rehearsed = await test.resolve({ dryRun: true });
  assertEquals(await state(test), before);
  const done = await test.resolve();

  assertEquals(rehearsed.dryRun, true);
  assertEquals(rehearsed.users, done.users);
  for (const entity of ["jobs", "credit_transactions"]) {
    assertEquals(counts(rehearsed.runs[0]!, entity), counts(done.runs[0]!, entity));
  }
});

Deno.test("resolve_users() is not misled by letter case and blanks", async () => {
  await using test = await oldApp({ 1: "  Ada@A.b\t", 2: "\u00a0BOB@a.B\n" });
  await test.migrate();
  const [ada, bob] = [await test.arrive("ada@a.b"), await test.arrive("Bob@A.b")];
  await test.sql`update auth.users set email = ' Bob@A.b ' where id = ${bob}`;

  await test.resolve();

  assertEquals(await test.owners(), { [ada]: ["1"], [bob]: ["2"] });
});

Deno.test("resolve_users() gives two legacy users of one address to its account, and tells", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "Ada@a.b" });
  await test.migrate();
  const ada = await test.arrive("ada@a.b");

  const { users: [users] } = await test.resolve();

  assertEquals(users!.shared, [{ supabaseUserId: ada, legacyUserIds: ["1", "2"] }]);
  assertEquals(await test.owners(), { [ada]: ["1", "2"] });
});

Deno.test("resolve_users() tells of an account that an earlier user has come to as well", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  const ada = await test.arrive("ada@a.b");
  await test.resolve();
  await test.sql`insert into staging.jobs_users values ('2', 'ada@a.b')`;
  await test.migrate();

  const { users: [users] } = await test.resolve();

  assertEquals(users!.shared, [{ supabaseUserId: ada, legacyUserIds: ["1", "2"] }]);
});

const WAITS: Record<string, (test: OldApp) => Promise<unknown>> = {
  "no account has the address": async () => {},
  "the address is not confirmed": (test) => test.people.signUp("ada@a.b"),
  "nobody has signed in yet": (test) => test.people.createUser("ada@a.b"),
  "several accounts have the address": async (test) => {
    await test.arrive("ada@a.b");
    const other = await test.arrive("other@a.b");
    await test.sql`update auth.users set email = 'Ada@a.b' where id = ${other}`;
  },
  "there is no profile yet": async (test) => {
    const ada = await test.arrive("ada@a.b");
    await test.sql`delete from profiles where id = ${ada}`;
  },
};

for (const [reason, happens] of Object.entries(WAITS)) {
  Deno.test(`resolve_users() lets a user wait while ${reason}`, async () => {
    await using test = await oldApp({ 1: "ada@a.b" });
    await test.migrate();
    await happens(test);

    const { users: [users], runs } = await test.resolve();

    assertEquals(users!.waiting, { users: 1, reasons: { [reason]: 1 } });
    assertEquals([users!.linked, runs, await test.owners()], [0, [], {}]);
    const [waiting] = await test.engine`select reason from landfall.waiting_users`;
    assertEquals(waiting, { reason });
  });
}

Deno.test("resolve_users() names the addresses that several accounts have", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  await WAITS["several accounts have the address"]!(test);

  const { users: [users] } = await test.resolve();

  assertEquals(users!.ambiguous, [{ legacyUserId: "1", address: "ada@a.b", accounts: 2 }]);
});

for (
  const [account, happens] of Object.entries<(test: OldApp) => Promise<unknown>>({
    "signs in through a company": (test) => test.people.signInBySso("ada@a.b"),
    "was deleted": async (test) => await test.people.softDelete(await test.arrive("ada@a.b")),
    "was deleted and kept its address": async (test) => {
      const ada = await test.arrive("ada@a.b");
      await test.sql`update auth.users set deleted_at = now() where id = ${ada}`;
    },
    "is anonymous": async (test) => {
      const ada = await test.arrive("ada@a.b");
      await test.sql`update auth.users set is_anonymous = true where id = ${ada}`;
    },
  })
) {
  Deno.test(`resolve_users() does not look at an account that ${account}`, async () => {
    await using test = await oldApp({ 1: "ada@a.b" });
    await test.migrate();
    await happens(test);

    const { users: [users] } = await test.resolve({ requireSignIn: false });

    assertEquals([users!.linked, users!.waiting.users], [0, 1]);
  });
}

Deno.test("resolve_users() takes a confirmed address alone as evidence when it is told to", async () => {
  await using test = await oldApp({ 1: "ada@a.b", 2: "bob@a.b" });
  await test.migrate();
  const ada = await test.people.createUser("ada@a.b");
  await test.people.createUser("bob@a.b", { confirmed: false });

  const { users: [users] } = await test.resolve({ requireSignIn: false });

  assertEquals(users!.links.map(({ evidence }) => evidence), ["confirmed address"]);
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("resolve_users() never moves a link to another account", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  const ada = await test.arrive("ada@a.b");
  await test.resolve();
  await test.sql`update auth.users set email = 'new@a.b' where id = ${ada}`;
  await test.arrive("ada@a.b");

  const { users: [users] } = await test.resolve();
  await test.migrate();

  assertEquals(users!.linked, 0);
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("resolve_users() leaves a pipeline to its active run, and loads when that is over", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  await test.engine`select landfall.start_run('jobs')`;
  const ada = await test.arrive("ada@a.b");

  const { users: [users], runs, busy } = await test.resolve();
  assertEquals([users!.linked, runs, busy], [1, [], [{ pipeline: "jobs", runId: 2 }]]);

  await test.engine`select landfall.cancel_run(2)`;
  assertEquals((await test.resolve()).runs.length, 1);
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("a run that was left half way is continued by the next call, and rolled back as any other", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  await test.arrive("ada@a.b");
  await test.engine`select landfall.resolve_users(budget_ms => 0)`;
  assertEquals(await test.owners(), {});

  const { users: [users], runs: [run] } = await test.resolve();
  assertEquals([users!.linked, run!.runId, run!.state], [0, 2, "completed"]);

  await test.engine`select landfall.start_rollback(2)`;
  await test.engine`select landfall.finish_run(2, 10000)`;
  assertEquals(await test.owners(), {});
  const [waiting] = await test.engine`
    select reason, rows::int from landfall.waiting_users`;
  assertEquals(waiting, { reason: "the run that loaded the rows is rolled back", rows: 3 });
  // what somebody has undone is not done again by itself
  assertEquals((await test.resolve()).runs, []);
  assertEquals(counts(await test.migrate(), "jobs"), { source: 1, inserted: 1 });
});

Deno.test("a run that has loaded all that was due and has not ended is ended by the next call", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  await test.arrive("ada@a.b");
  await test.engine`select landfall.start_resolution()`;
  for (let due = 1; due > 0;) {
    await test.engine`select landfall.advance_run(2, 0)`;
    const [left] = await test.engine`select count(*)::int as due from landfall.arrivals`;
    due = left!.due;
  }

  const { runs: [run] } = await test.resolve();

  assertEquals([run!.runId, run!.state], [2, "completed"]);
});

Deno.test("a row that is rejected when its owner comes leaves the waiting ones, with its reasons", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.sql`update staging.jobs_jobs set created_at = 'yesterday'`;
  await test.migrate();
  await test.arrive("ada@a.b");

  const { runs: [run] } = await test.resolve();

  assertEquals(counts(run!, "jobs"), { source: 1, rejected: 1 });
  assert(/timestamp/.test(run!.rejects[0]!.reason), run!.rejects[0]!.reason);
  assertEquals([...await test.engine`select * from landfall.waiting_users`], []);
});

Deno.test("resolve_users() says no to a pipeline that has no legacy users (LF602)", async () => {
  await using test = await oldApp({});

  const unknown = await refusal(test.engine`select landfall.resolve_users('nobody')`);
  const without = await refusal(test.engine`select landfall.resolve_users('kv')`);

  assertEquals([unknown.code, without.code], ["LF101", "LF602"]);
});

async function state(test: OldApp): Promise<unknown> {
  const [row] = await test.sql`
    select
      (select json_agg(map order by legacy_user_id) from landfall.legacy_user_map as map) as map,
      (select count(*) from landfall.user_links) as links,
      (select count(*) from landfall.runs) as runs,
      (select count(*) from jobs) as jobs`;
  return row;
}
