import { assertEquals, assertStringIncludes } from "@std/assert";
import { startRun } from "../support/migration.ts";
import { type OldApp, oldApp } from "../support/old_app.ts";
import { refusal } from "../support/refusal.ts";

Deno.test("tick() resolves users and loads their rows", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  const ada = await test.arrive("ada@a.b");

  await test.sql`select landfall.tick()`;

  assertEquals(await test.owners(), { [ada]: ["1"] });
  const { last } = await schedule(test);
  assertEquals(last, { ...last, through: "sql", state: "done", linked: 1, errors: [] });
  assertEquals(last.runs, [{ 2: "completed" }]);
});

Deno.test("tick() continues what runs and roll-backs nobody has stopped, and leaves the others", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  const ada = await test.arrive("ada@a.b");
  await test.migrate();
  const state = async () => {
    const [run] = await test.sql`select state from landfall.runs order by id desc limit 1`;
    return run!.state;
  };

  await test.engine`select landfall.start_rollback(1)`;
  await test.sql`select landfall.tick()`;
  assertEquals([await state(), await test.owners()], ["rolled_back", {}]);

  const { runId } = await startRun(test.engine, "jobs");
  await test.engine`select landfall.pause_run(${runId})`;
  await test.sql`select landfall.tick()`;
  assertEquals(await state(), "paused");

  await test.engine`select landfall.resume_run(${runId})`;
  await test.sql`select landfall.tick()`;
  assertEquals([await state(), await test.owners()], ["completed", { [ada]: ["1"] }]);
});

Deno.test("tick() asks for a sign-in unless it is told otherwise", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  const ada = await test.people.createUser("ada@a.b");

  await test.sql`select landfall.tick()`;
  assertEquals(await test.owners(), {});

  await test.sql`select landfall.tick(require_sign_in => false)`;
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("tick() writes down what goes wrong with a run, and takes the next one", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  const ada = await test.arrive("ada@a.b");
  await test.sql`insert into staging.kv_store values ('client:1', '{}')`;
  await startRun(test.engine, "kv");
  await startRun(test.engine, "jobs");
  await test.sql`drop view transform.kv_clients cascade`;

  await test.sql`select landfall.tick()`;

  const { last } = await schedule(test);
  assertEquals(last.state, "failed");
  assertEquals(last.runs, [{ 2: "completed" }]);
  assertEquals(last.errors[0].code, "LF106");
  assertStringIncludes(last.errors[0].message, "Run 1: ");
  assertEquals(await test.owners(), { [ada]: ["1"] });
});

Deno.test("tick() writes down that users cannot be resolved, and continues runs all the same", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.arrive("ada@a.b");
  await startRun(test.engine, "jobs");
  await test.sql`
    update landfall.pipelines set profiles = 'public.nothing' where name = 'jobs'`;

  await test.sql`select landfall.tick()`;

  const { last } = await schedule(test);
  assertEquals([last.state, last.runs], ["failed", [{ 1: "completed" }]]);
  assertEquals(last.errors, [{ code: "LF106", message: "Pipeline jobs has lost its profiles" }]);
});

Deno.test("tick() keeps the last thousand of its kind", async () => {
  await using test = await oldApp({});
  await test.sql`
    insert into landfall.ticks (through, finished_at)
    select 'sql', now() from generate_series(1, 1005)`;

  await test.sql`select landfall.tick()`;

  const [kept] = await test.sql`
    select count(*)::int as count, max(id)::int as last from landfall.ticks`;
  assertEquals(kept, { count: 1000, last: 1006 });
});

Deno.test("with pg_net and the Vault's secrets a tick calls the function, and tells what it answered", async () => {
  await using test = await oldApp({ 1: "ada@a.b" });
  await test.migrate();
  await test.arrive("ada@a.b");
  await standInForNet(test);

  await test.sql`select landfall.tick()`;
  assertEquals((await schedule(test)).last.through, "sql");

  await test.sql`
    insert into vault.decrypted_secrets values
      ('project_url', 'https://x.supabase.co/'), ('landfall_secret_key', 'sb_secret_1')`;
  await test.sql`select landfall.tick(require_sign_in => false)`;

  const [request] = await test.sql`select * from net.requests`;
  assertEquals(request, {
    id: "1",
    url: "https://x.supabase.co/functions/v1/resolve-users",
    headers: { "apikey": "sb_secret_1", "Content-Type": "application/json" },
    body: { continueRuns: true, requireSignIn: false, requestedBy: "the schedule" },
    timeout_milliseconds: 150000,
  });
  const state = async () => {
    const { last } = await schedule(test);
    return [last.through, last.state, last.errors];
  };
  assertEquals(await state(), ["http", "waiting for an answer", []]);
  // a function that is still at work is not called again, for as long as it may work
  await test.sql`select landfall.tick()`;
  assertEquals((await test.sql`select * from net.requests`).length, 1);
  await test.sql`insert into net._http_response values
      (1, 200, false, null, now(), '{"users": [{"linked": 3}], "runs": [{"runId": 7, "state": "completed"}], "errors": []}')`;
  assertEquals(await state(), ["http", "done", []]);
  const { last: { linked, runs } } = await schedule(test);
  assertEquals([linked, runs], [3, [{ 7: "completed" }]]);
  const failure = { code: "LF002", message: "Not authorised" };
  await test.sql`
    update net._http_response set content = ${JSON.stringify({ errors: [failure] })}`;
  assertEquals(await state(), ["http", "failed", [failure]]);
  await test.sql`
    update net._http_response set status_code = 401, content = ${JSON.stringify(failure)}`;
  assertEquals(await state(), ["http", "failed", [failure]]);
  await test.sql`update net._http_response set status_code = 502, content = 'Bad gateway'`;
  assertEquals(await state(), ["http", "failed", [{
    code: "502",
    message: "The function resolve-users failed",
  }]]);
  await test.sql`
    update net._http_response set status_code = null, error_msg = 'Couldn''t resolve host'`;
  assertEquals(await state(), ["http", "failed", [{
    code: "no answer",
    message: "Couldn't resolve host",
  }]]);
  await test.sql`delete from net._http_response`;
  await test.sql`update landfall.ticks set started_at = started_at - interval '3 minutes'`;
  await test.sql`select landfall.tick()`;
  assertEquals((await test.sql`select * from net.requests`).length, 2);
});

Deno.test("schedule() says that it needs pg_cron (LF701), unschedule() that there is nothing to end", async () => {
  await using test = await oldApp({});

  const { code, hint } = await refusal(test.engine`select landfall.schedule()`);
  const [row] = await test.engine`select landfall.unschedule() as report`;

  assertEquals([code, hint.includes("create extension pg_cron")], ["LF701", true]);
  assertEquals(row!.report, { scheduled: false, every: null, problem: null, last: null });
});

Deno.test("cron_expression() says an interval as pg_cron has it", async () => {
  await using test = await oldApp({});
  const intervals = {
    "30 seconds": "30 seconds",
    "1 minute": "* * * * *",
    "5 minutes": "*/5 * * * *",
    "1 hour": "0 * * * *",
    "6 Hours": "0 */6 * * *",
    "15 3 * * 1-5": "15 3 * * 1-5",
    "60 seconds": null,
    "0 minutes": null,
    "often": null,
    "": null,
  };

  for (const [every, expression] of Object.entries(intervals)) {
    const [row] = await test.sql`select landfall.cron_expression(${every}) as expression`;
    assertEquals(row!.expression, expression, every);
  }
});

async function schedule(test: OldApp) {
  const [row] = await test.engine`select landfall.status() -> 'schedule' as schedule`;
  return row!.schedule;
}

/** What pg_net and the Vault look like to their callers: neither can be installed everywhere. */
async function standInForNet(test: OldApp): Promise<void> {
  await test.sql.unsafe(`
    create schema net;
    create schema vault;
    create table vault.decrypted_secrets (name text, decrypted_secret text);
    create table net.requests (
      id bigint generated always as identity, url text, headers jsonb, body jsonb,
      timeout_milliseconds int
    );
    create table net._http_response (
      id bigint, status_code int, timed_out boolean, error_msg text, created timestamptz,
      content text
    );
    create function net.http_post(
      url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}',
      timeout_milliseconds int default 5000
    ) returns bigint language sql as $$
      insert into net.requests (url, headers, body, timeout_milliseconds)
      values (url, headers, body, timeout_milliseconds) returning id
    $$;
  `);
}
