import { assert, assertEquals, assertMatch, assertObjectMatch } from "@std/assert";
import { startWebhook } from "../support/webhook.ts";
import { arrive, stageJobs } from "./jobs_app.ts";
import { type Setup, setup } from "./setup.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

Deno.test("link-user links by hand, and resolve-users loads what waited", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  const account = await arrive(test.sql, "other@new.example");

  const linked = await reply(test, "link-user", {
    legacyUserId: "u1",
    supabaseUserId: account,
    reason: "she told us",
    requestedBy: "Ann",
  });
  await reply(test, "resolve-users");

  assertEquals(linked, { legacyUserId: "u1", supabaseUserId: account, waiting: 8 });
  const links = await test.sql`select evidence, reason, linked_by from landfall.user_links`;
  assertEquals([...links], [{ evidence: "by hand", reason: "she told us", linked_by: "Ann" }]);
  assertEquals(await jobsOf(test, account), 4);
});

Deno.test("unlink-user previews with dryRun, takes rows back, and lists what it leaves", async () => {
  await using webhook = startWebhook();
  await using test = await setup(null, { LANDFALL_WEBHOOK_URL: webhook.url });
  const account = await loadUser(test);
  await test.sql`
    update jobs set status = 'changed' where id = (select id from jobs order by id limit 1)`;

  const rehearsal = await reply(test, "unlink-user", { legacyUserId: "u1", dryRun: true });
  const untouched = await jobsOf(test, account);
  const done = await reply(test, "unlink-user", {
    legacyUserId: "u1",
    reason: "not hers",
    requestedBy: "Bob",
  });

  assertEquals(untouched, 4);
  assertObjectMatch(rehearsal, { dryRun: true, runs: [{ runId: null }] });
  assertObjectMatch(done, {
    legacyUserId: "u1",
    supabaseUserId: account,
    dryRun: false,
    runs: [{
      runId: 3,
      state: "completed",
      requestedBy: "Bob",
      entities: [{ entity: "jobs", pruned: 3 }, { entity: "credit_transactions", pruned: 4 }],
      leftovers: [{ entity: "jobs", reason: "it was changed since", count: 1 }],
    }],
  });
  assertEquals(rehearsal.runs[0].leftovers, done.runs[0].leftovers);
  assertEquals(await jobsOf(test, account), 1);
  const links = await test.sql`select unlinked_by, reason from landfall.user_links`;
  assertEquals([...links], [{ unlinked_by: "Bob", reason: "not hers" }]);
  assertEquals(webhook.told.length, 3);
  assertMatch(webhook.told[2]!.text, /^Landfall: run 3 of jobs completed .* 7 pruned$/);
});

Deno.test("resolve-users does not link again by itself whom unlink-user has unlinked", async () => {
  await using test = await setup(null);
  const account = await loadUser(test);
  await reply(test, "unlink-user", { legacyUserId: "u1" });

  const { users, runs } = await reply(test, "resolve-users");

  assertEquals([users[0].linked, runs], [0, []]);
  assertEquals(await jobsOf(test, account), 0);
});

Deno.test("link-user and unlink-user refuse what cannot be, each with its own code", async () => {
  await using test = await setup(null);
  const account = await loadUser(test);
  const user = { legacyUserId: "u1" };
  const refusals: [name: string, body: unknown, status: number, code: string][] = [
    ["link-user", {}, 400, "LF001"],
    ["link-user", user, 400, "LF001"],
    ["link-user", { legacyUserId: 1, supabaseUserId: account }, 400, "LF001"],
    ["link-user", { ...user, supabaseUserId: "u1" }, 400, "LF203"],
    ["link-user", { legacyUserId: "", supabaseUserId: account }, 400, "LF203"],
    ["link-user", { legacyUserId: "u9", supabaseUserId: account }, 404, "LF603"],
    ["link-user", { ...user, supabaseUserId: account }, 409, "LF604"],
    ["link-user", { legacyUserId: "u2", supabaseUserId: NOBODY }, 409, "LF604"],
    ["unlink-user", {}, 400, "LF001"],
    ["unlink-user", { ...user, supabaseUserId: account }, 400, "LF001"],
    ["unlink-user", { ...user, reason: "x".repeat(501) }, 400, "LF203"],
    ["unlink-user", { legacyUserId: "u9" }, 404, "LF603"],
    ["unlink-user", { legacyUserId: "u2" }, 409, "LF604"],
    ["unlink-user", { legacyUserId: "u2", dryRun: true }, 409, "LF604"],
  ];

  for (const [name, body, status, code] of refusals) {
    const response = await test.call(name, body);
    const failure = await response.json();
    assertEquals(
      [response.status, failure.code],
      [status, code],
      `${name} ${JSON.stringify(body)}`,
    );
    assert(failure.hint);
  }
  assertEquals(await jobsOf(test, account), 4);
});

Deno.test("unlink-user waits for no run of the pipeline that is active (LF202)", async () => {
  await using test = await setup(null);
  const account = await loadUser(test);
  await test.sql`select landfall.start_run('jobs')`;

  const response = await test.call("unlink-user", { legacyUserId: "u1" });

  assertEquals([response.status, (await response.json()).code], [409, "LF202"]);
  assertEquals(await jobsOf(test, account), 4);
  const links = await test.sql`select from landfall.user_links where unlinked_at is null`;
  assertEquals(links.length, 1);
});

/** Migrates an app whose first user has come since, with their rows; returns their account. */
async function loadUser(test: Setup): Promise<string> {
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  const account = await arrive(test.sql, "u1@old.example");
  await reply(test, "resolve-users");
  return account;
}

async function jobsOf({ sql }: Setup, account: string): Promise<number> {
  const jobs = await sql`select from jobs where user_id = ${account}`;
  return jobs.length;
}

// deno-lint-ignore no-explicit-any
async function reply(test: Setup, name: string, body: unknown = {}): Promise<any> {
  const response = await test.call(name, body);
  const reply = await response.json();
  assertEquals(response.status, 200, JSON.stringify(reply));
  return reply;
}
