import { assertEquals, assertObjectMatch } from "@std/assert";
import { arrive, stageJobs } from "./jobs_app.ts";
import { type Setup, setup } from "./setup.ts";

/** Calls that end before the work does. */
const HURRIED = { LANDFALL_BUDGET_MS: "1" };
/** What the schedule asks for. */
const TICK = { continueRuns: true, requireSignIn: true, requestedBy: "the schedule" };

Deno.test("resolve-users continues runs that were left running, and roll-backs", async () => {
  await using test = await setup({ clients: 10 });
  await leaveWork(test);

  const report = await reply(test, "resolve-users", TICK);

  assertObjectMatch(report, {
    state: "done",
    progress: { done: 28, total: 28 },
    runs: [
      { runId: 2, state: "rolled_back", rollback: { entities: [{ deleted: 4 }, { deleted: 4 }] } },
      { runId: 3, state: "completed", entities: [{ entity: "clients", inserted: 10 }] },
    ],
    errors: [],
  });
  assertEquals(await states(test), { 1: "completed", 2: "rolled_back", 3: "completed" });
  assertEquals(await rows(test), { jobs: 0, clients: 10, sites: 10 });
});

Deno.test("resolve-users works on every run in a call, however short its time", async () => {
  await using test = await setup({ clients: 10 }, HURRIED);
  await leaveWork(test);

  const first = await reply(test, "resolve-users", TICK);
  let last = first;
  while (last.state === "running") last = await reply(test, "resolve-users", TICK);

  assertObjectMatch(first, {
    state: "running",
    runs: [{ runId: 2, state: "rolling_back" }, { runId: 3, state: "running" }],
  });
  assertEquals(await states(test), { 1: "completed", 2: "rolled_back", 3: "completed" });
});

Deno.test("resolve-users continues nothing unless it is told to", async () => {
  await using test = await setup({ clients: 10 });
  await leaveWork(test);

  const { state, runs } = await reply(test, "resolve-users");

  assertEquals([state, runs], ["done", []]);
  assertEquals(await rows(test), { jobs: 4, clients: 0, sites: 0 });
  assertEquals(await states(test), { 1: "completed", 2: "rolling_back", 3: "planned" });
});

Deno.test("resolve-users leaves alone what somebody has paused, or an error budget stopped", async () => {
  await using test = await setup({ clients: 100, badClients: 5 });
  await stageJobs(test.sql);
  await test.sql`select landfall.start_run('jobs')`;
  await reply(test, "pause", { runId: 1 });
  await reply(test, "migrate-kv", { maxRejects: 1 });

  const { state, runs, errors } = await reply(test, "resolve-users", TICK);

  assertEquals([state, runs, errors], ["done", [], []]);
  assertEquals(await states(test), { 1: "paused", 2: "failed" });
});

Deno.test("resolve-users continues only the runs of the pipeline it is for", async () => {
  await using test = await setup({ clients: 10 });
  await test.sql`select landfall.start_run('kv')`;

  const { state, runs } = await reply(test, "resolve-users", { ...TICK, pipeline: "jobs" });

  assertEquals([state, runs], ["done", []]);
  assertEquals(await states(test), { 1: "planned" });
});

Deno.test("resolve-users lets no run that stands still keep others from going on", async () => {
  await using test = await setup({ clients: 20 });
  await test.sql`select landfall.start_run('kv')`;
  await test.sql`alter view transform.kv_clients rename to kv_people`;
  await stageJobs(test.sql);
  await reply(test, "migrate", { pipeline: "jobs" });
  await arrive(test.sql, "u1@old.example");
  await test.sql`select landfall.start_run('jobs')`;

  const report = await reply(test, "resolve-users", TICK);
  const after = await reply(test, "resolve-users", TICK);

  assertObjectMatch(report, {
    state: "done",
    runs: [{ runId: 1, state: "planned" }, { runId: 3, state: "completed" }],
    errors: [{ runId: 1, code: "LF106" }],
    busy: [{ pipeline: "jobs", runId: 3 }],
  });
  assertEquals(Object.keys(report.errors[0]), ["runId", "code", "message", "details", "hint"]);
  assertObjectMatch((await test.api.logged("run stands still"))[0]!, { runId: 1, code: "LF106" });
  assertObjectMatch(after, { errors: [{ runId: 1 }], busy: [] });
});

Deno.test("resolve-users continues runs although users cannot be resolved (LF009)", async () => {
  await using test = await setup({ clients: 20 });
  await test.sql`select landfall.start_run('kv')`;
  await test.sql`drop function landfall.start_resolution`;
  await test.sql`notify pgrst, 'reload schema'`;

  const response = await test.call("resolve-users", TICK);

  assertEquals([response.status, (await response.json()).code], [503, "LF009"]);
  assertEquals(await states(test), { 1: "completed" });
});

/** Leaves the roll-back of run 2, which has loaded a user's rows, and run 3, of a store. */
async function leaveWork({ sql }: Setup): Promise<void> {
  await stageJobs(sql, { users: 1 });
  await sql`select landfall.start_run('jobs')`;
  await sql`select landfall.finish_run(1, 60000)`;
  await arrive(sql, "u1@old.example");
  await sql`select landfall.resolve_users()`;
  await sql`select landfall.start_rollback(2)`;
  await sql`select landfall.start_run('kv')`;
}

async function states({ sql }: Setup): Promise<Record<string, string>> {
  const runs = await sql<{ id: string; state: string }[]>`select id, state from landfall.runs`;
  return Object.fromEntries(runs.map(({ id, state }) => [id, state]));
}

async function rows({ sql }: Setup): Promise<unknown> {
  const [counts] = await sql`
    select
      (select count(*)::int from jobs) as jobs,
      (select count(*)::int from clients) as clients,
      (select count(*)::int from sites) as sites`;
  return { ...counts };
}

// deno-lint-ignore no-explicit-any
async function reply(test: Setup, name: string, body: unknown = {}): Promise<any> {
  const response = await test.call(name, body);
  const reply = await response.json();
  assertEquals(response.status, 200, JSON.stringify(reply));
  return reply;
}
