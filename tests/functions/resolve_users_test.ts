import { assert, assertEquals, assertMatch, assertObjectMatch } from "@std/assert";
import { startWebhook } from "../support/webhook.ts";
import { arrive, stageJobs } from "./jobs_app.ts";
import { type Setup, setup } from "./setup.ts";

/** Calls that end before the work does. */
const HURRIED = { LANDFALL_BUDGET_MS: "1" };

Deno.test("resolve-users rehearses with dryRun what it then does, and writes nothing", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql, { users: 4 });
  await reply(test, "migrate", { pipeline: "jobs" });
  const account = await arrive(test.sql, "u1@old.example");
  await arrive(test.sql, "u2@old.example", { signedIn: false });
  await arrive(test.sql, "u3@old.example", { confirmed: false });
  const before = await contents(test);

  const rehearsal = await reply(test, "resolve-users", { dryRun: true });
  const untouched = await contents(test);
  const done = await reply(test, "resolve-users", { requestedBy: "Ann" });

  assertEquals(untouched, before);
  assertEquals(rehearsal.users, done.users);
  assertEquals(rehearsal.runs.map(outcome), done.runs.map(outcome));
  assertEquals([rehearsal.state, rehearsal.dryRun, done.dryRun], ["done", true, false]);
  assertObjectMatch(done, {
    state: "done",
    requireSignIn: true,
    progress: { done: 8, total: 8 },
    users: [{
      pipeline: "jobs",
      linked: 1,
      links: [{ legacyUserId: "u1", supabaseUserId: account, evidence: "sign-in" }],
      waiting: {
        users: 3,
        reasons: {
          "nobody has signed in yet": 1,
          "the address is not confirmed": 1,
          "no account has the address": 1,
        },
      },
    }],
    runs: [{ runId: 2, state: "completed", requestedBy: "Ann", options: { resolved: true } }],
    busy: [],
    errors: [],
  });
  assertEquals(await owners(test), [{ owner: account, jobs: 4, credits: 4 }]);
});

Deno.test("resolve-users does nothing when nobody has come since", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  await arrive(test.sql, "u1@old.example");
  await reply(test, "resolve-users");
  const before = await contents(test);

  const again = await reply(test, "resolve-users");

  assertObjectMatch(again, {
    state: "done",
    runs: [],
    busy: [],
    users: [{ linked: 0, links: [] }],
  });
  assertEquals(await contents(test), before);
});

Deno.test("resolve-users links by a confirmed address alone without requireSignIn", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  const account = await arrive(test.sql, "u2@old.example", { signedIn: false });
  await arrive(test.sql, "u3@old.example", { confirmed: false });

  const { requireSignIn, users } = await reply(test, "resolve-users", {
    pipeline: "jobs",
    requireSignIn: false,
  });

  assertEquals(requireSignIn, false);
  assertObjectMatch(users[0].links[0], { legacyUserId: "u2", evidence: "confirmed address" });
  assertEquals(await owners(test), [{ owner: account, jobs: 4, credits: 4 }]);
});

Deno.test("resolve-users streams its progress and ends with the report", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql, { jobs: 50 });
  await reply(test, "migrate", { pipeline: "jobs" });
  await arrive(test.sql, "u1@old.example");

  const events = await test.stream("resolve-users");

  assertEquals(events[0], {
    event: "started",
    report: { state: "running", progress: { done: 0, total: 100 } },
  });
  // a call that does all of it at once has no progress to tell
  for (const event of events.slice(1, -1)) {
    assertObjectMatch(event, { event: "progress", progress: { total: 100 } });
  }
  assertObjectMatch(events.at(-1)!, {
    event: "report",
    report: { state: "done", progress: { done: 100, total: 100 } },
  });
});

Deno.test("resolve-users refuses what it cannot do, each with its own code", async () => {
  await using test = await setup(null);
  const refusals: [body: unknown, status: number, code: string][] = [
    [{ pipline: "jobs" }, 400, "LF001"],
    [{ requireSignIn: "no" }, 400, "LF001"],
    [{ dryRun: true, continueRuns: true }, 400, "LF001"],
    [{ workers: 17 }, 400, "LF203"],
    [{ pipeline: "nope" }, 404, "LF101"],
    [{ pipeline: "nope", dryRun: true }, 404, "LF101"],
    [{ pipeline: "nope", continueRuns: true }, 404, "LF101"],
    [{ pipeline: "kv" }, 409, "LF602"],
    [{ pipeline: "kv", dryRun: true }, 409, "LF602"],
    [{ pipeline: "kv", continueRuns: true }, 409, "LF602"],
  ];

  for (const [body, status, code] of refusals) {
    const response = await test.call("resolve-users", body);
    const failure = await response.json();
    assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
    assertEquals(Object.keys(failure), ["code", "message", "details", "hint"]);
  }
});

Deno.test("migrate refuses a pipeline that lists the users of another (LF601)", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  await test.sql`select landfall.define_pipeline('shop', 'A pipeline of a test')`;
  await test.sql`select landfall.define_users('shop', 'transform.jobs_users')`;

  const response = await test.call("migrate", { pipeline: "shop" });

  const failure = await response.json();
  assertEquals([response.status, failure.code], [409, "LF601"]);
});

Deno.test("resolve-users answers running when its time is over, and goes on when called again", async () => {
  await using test = await setup(null, HURRIED);
  await stageJobs(test.sql, { users: 1, jobs: 1_500 });
  await toTheEnd(test, "migrate", { pipeline: "jobs" });
  const account = await arrive(test.sql, "u1@old.example");

  const first = await reply(test, "resolve-users", { workers: 1 });
  const part = await owners(test);
  let next = await reply(test, "resolve-users");
  while (next.state === "running") next = await reply(test, "resolve-users");

  assertObjectMatch(first, { state: "running", users: [{ linked: 1 }], runs: [{ runId: 2 }] });
  assert(first.progress.done < 3_000, `${first.progress.done} rows`);
  assertEquals(part, []);
  assertObjectMatch(next, { users: [{ linked: 0 }], runs: [{ runId: 2, state: "completed" }] });
  assertEquals(await owners(test), [{ owner: account, jobs: 1_500, credits: 1_500 }]);
});

Deno.test("resolve-users says which run keeps rows waiting, and loads them when it has ended", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  await test.sql`select landfall.start_run('jobs')`;
  await reply(test, "pause", { runId: 2 });
  await arrive(test.sql, "u1@old.example");

  const busy = await reply(test, "resolve-users", { continueRuns: true });
  const [at] = await test.sql`select state from landfall.runs where id = 2`;
  await reply(test, "cancel", { runId: 2 });
  const free = await reply(test, "resolve-users");

  assertObjectMatch(busy, {
    state: "done",
    users: [{ linked: 1 }],
    runs: [],
    busy: [{ pipeline: "jobs", runId: 2 }],
  });
  assertEquals(at!.state, "paused");
  assertObjectMatch(free, { busy: [], runs: [{ runId: 3, state: "completed" }] });
});

Deno.test("resolve-users leaves a run of its own that is paused as it is", async () => {
  await using test = await setup(null, HURRIED);
  await stageJobs(test.sql, { users: 1, jobs: 1_500 });
  await toTheEnd(test, "migrate", { pipeline: "jobs" });
  await arrive(test.sql, "u1@old.example");
  await reply(test, "resolve-users");
  await reply(test, "pause", { runId: 2 });

  const { state, runs } = await reply(test, "resolve-users", { continueRuns: true });

  assertEquals([state, runs.length, runs[0].state], ["done", 1, "paused"]);
});

Deno.test("resolve-users tells the end of a run once, to whoever waits for it", async () => {
  await using webhook = startWebhook();
  await using test = await setup(null, { LANDFALL_WEBHOOK_URL: webhook.url });
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  await arrive(test.sql, "u1@old.example");

  await reply(test, "resolve-users", { dryRun: true });
  await reply(test, "resolve-users");
  await reply(test, "resolve-users");

  assertEquals(webhook.told.length, 2);
  assertMatch(
    webhook.told[1]!.text,
    /^Landfall: run 2 of jobs completed in [^:]+: 8 source rows, 8 inserted$/,
  );
});

Deno.test("resolve-users logs counts and ids, and neither addresses nor who asked", async () => {
  await using test = await setup(null);
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  const account = await arrive(test.sql, "u1@old.example");

  await reply(test, "resolve-users", { requestedBy: "ann@new.example" });
  await reply(test, "unlink-user", { legacyUserId: "u1", reason: "was not u1@old.example" });
  await reply(test, "link-user", { legacyUserId: "u1", supabaseUserId: account });
  await test.call("link-user", { legacyUserId: "nobody@old.example", supabaseUserId: account });

  assertEquals(await test.api.logged("resolved"), [
    { event: "resolved", linked: 1, waiting: 2, runs: 1, busy: 0 },
  ]);
  assertObjectMatch((await test.api.logged("failed"))[0]!, {
    function: "link-user",
    code: "LF603",
  });
  const log = await test.api.log();
  for (const secret of [".example", account, test.api.keys.secretKey]) {
    assert(!log.toLowerCase().includes(secret), secret);
  }
});

async function toTheEnd(test: Setup, name: string, body: Record<string, unknown>) {
  let report = await reply(test, name, body);
  while (report.state === "running") {
    report = await reply(test, name, report.runId ? { runId: report.runId } : body);
  }
  return report;
}

/** What is kept of users and their rows, but for the times. */
async function contents({ sql }: Setup): Promise<unknown> {
  const [counts] = await sql`
    select
      (select count(*)::int from jobs) as jobs,
      (select count(*)::int from credit_transactions) as credits,
      (select count(*)::int from landfall.runs) as runs,
      (select count(*)::int from landfall.user_links) as links,
      (select jsonb_agg(jsonb_build_array(legacy_user_id, supabase_user_id) order by legacy_user_id)
       from landfall.legacy_user_map) as users,
      (select count(*)::int from landfall.deferred where settled_by is null) as waiting`;
  return counts;
}

/** Whose rows are in the new app. */
async function owners({ sql }: Setup) {
  return [
    ...await sql<{ owner: string; jobs: number; credits: number }[]>`
      select
        id as owner,
        (select count(*)::int from jobs where user_id = profiles.id) as jobs,
        (select count(*)::int from credit_transactions where user_id = profiles.id) as credits
      from profiles
      where id in (select user_id from jobs union select user_id from credit_transactions)
      order by id`,
  ].map((row) => ({ ...row }));
}

// deno-lint-ignore no-explicit-any
function outcome({ pipeline, state, entities, rejects, findings }: any): unknown {
  // deno-lint-ignore no-explicit-any
  const counts = entities.map(({ durationMs: _time, ...rest }: any) => rest);
  return { pipeline, state, counts, rejects, findings };
}

// deno-lint-ignore no-explicit-any
async function reply(test: Setup, name: string, body: unknown = {}): Promise<any> {
  const response = await test.call(name, body);
  const reply = await response.json();
  assertEquals(response.status, 200, JSON.stringify(reply));
  return reply;
}
