import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { arrive, stageJobs } from "../functions/jobs_app.ts";
import { type Setup, setup } from "../functions/setup.ts";
import { type Ended, interruptScript, runScript } from "./run_script.ts";

const COMMAND = "deno task supabase functions invoke";

Deno.test("invoke() shows whom resolve-users has linked, who waits and why, and their rows", async () => {
  await using test = await migrated({ users: 20 });
  const [account] = await arriveAll(test, 12);
  await arrive(test.sql, "u13@old.example", { signedIn: false });
  await arrive(test.sql, "u14@old.example");
  await arrive(test.sql, "U14@old.example");
  await test.sql`update staging.jobs_users set email = 'u1@old.example' where id = 'u2'`;
  await test.call("migrate", { pipeline: "jobs" });

  const dry = await invoke(test, "resolve-users", "--dry-run", "--verbose");
  const { code, stdout } = await invoke(test, "resolve-users", "--verbose");

  assertEquals([dry.code, code], [0, 0], dry.stderr);
  for (const text of [dry.stdout, stdout]) {
    assertMatch(text, /^pipeline +linked +waiting\njobs +12 +8$/m);
    assertMatch(text, /^u1 +[0-9a-f-]{36} +u1@old\.example +sign-in$/m);
    assertStringIncludes(text, "\nand 2 more, see --json\n");
    assertMatch(text, new RegExp(`^${account} +u1, u2$`, "m"));
    assertMatch(text, /^u14 +u14@old\.example +2$/m);
    assertMatch(text, /link-user --legacy-user-id u14 --supabase-user-id UUID$/m);
    assertMatch(text, /^jobs +no account has the address +6$/m);
    assertMatch(text, /^jobs +nobody has signed in yet +1$/m);
    assertMatch(text, /^credit_transactions +48 +48 +0 /m);
  }
  assertMatch(dry.stdout, /nothing was written\. 12 users would be linked, 8 still without an acc/);
  assertMatch(dry.stderr, /next +resolve users: .+ resolve-users --pipeline jobs$/m);
  assertMatch(
    stdout,
    /\nRun 3 completed in .+\.\n\n12 users linked, 8 still without an account\.\n$/,
  );
});

Deno.test("invoke() switches the need of a sign-in off, however that is written", async () => {
  await using test = await migrated();
  await arrive(test.sql, "u1@old.example", { signedIn: false });
  const rehearse = (...flags: string[]) => invoke(test, "resolve-users", "--dry-run", ...flags);

  const off = [await rehearse("--no-require-sign-in"), await rehearse("--require-sign-in=false")];
  const on = [await rehearse(), await rehearse("--require-sign-in")];

  for (const { stdout } of off) assertStringIncludes(stdout, "1 user would be linked, 2 still");
  for (const { stdout } of on) assertStringIncludes(stdout, "0 users would be linked, 3 still");
});

Deno.test("invoke() calls resolve-users again while it goes on, and says it all in the end", async () => {
  await using test = await migrated({ users: 1, jobs: 1_500 }, { LANDFALL_BUDGET_MS: "1" });
  await arriveAll(test, 1);

  const { code, stdout, stderr } = await invoke(test, "resolve-users", "--verbose", "--json");

  const { state, users, runs } = JSON.parse(stdout);
  assertEquals([code, state, users[0].linked, users[0].links.length], [0, "done", 1, 1]);
  assertEquals(runs.map(({ runId, state }: Record<string, unknown>) => [runId, state]), [
    [2, "completed"],
  ]);
  assertStringIncludes(stderr, "continuing the resolution");
});

Deno.test("invoke() exits with 3 when rows of users who came are rejected", async () => {
  await using test = await migrated();
  await test.sql`update staging.jobs_jobs set job_type = '' where id = 'u1-00001'`;
  await arriveAll(test, 1);

  const { code, stdout } = await invoke(test, "resolve-users");

  assertEquals(code, 3);
  assertMatch(stdout, /^jobs +the job has no type +1 +u1-00001$/m);
});

Deno.test("invoke() says which run keeps rows waiting, and exits with 1 when one stands still", async () => {
  await using test = await migrated({}, {}, { clients: 3 });
  await test.sql`select landfall.start_run('jobs')`;
  await test.call("pause", { runId: 2 });
  await test.sql`select landfall.start_run('kv')`;
  await test.sql`alter view transform.kv_clients rename to kv_people`;
  await arriveAll(test, 1);

  const busy = await invoke(test, "resolve-users");
  const still = await invoke(test, "resolve-users", "--continue-runs");

  assertEquals([busy.code, still.code], [0, 1]);
  assertMatch(busy.stdout, /^Rows of jobs wait until run 2 has ended: .+ status --run-id 2$/m);
  assertMatch(still.stdout, /^Run 3 stands still: LF106 .+\n +.+\n +Restore it, /m);
});

Deno.test("invoke() shows the roll-backs that resolve-users has continued", async () => {
  await using test = await migrated();
  await arriveAll(test, 1);
  await test.call("resolve-users");
  await test.sql`select landfall.start_rollback(2)`;

  const { code, stdout } = await invoke(test, "resolve-users", "--continue-runs");

  assertEquals(code, 0);
  assertMatch(stdout, /^credit_transactions +4 +0 +0 +0 /m);
  assertMatch(stdout, /^Run 2 is rolled back\.$/m);
});

Deno.test("invoke() links and unlinks by hand, and says what came of it", async () => {
  await using test = await migrated();
  const [account] = await arriveAll(test, 1);
  const user = ["--legacy-user-id", "u2"];

  const link = await invoke(test, "link-user", ...user, "--supabase-user-id", account!);
  await invoke(test, "resolve-users");
  const dry = await invoke(test, "unlink-user", ...user, "--dry-run");
  await test.sql`
    update jobs set status = 'changed'
    where id in (select target_key::uuid from landfall.lineage where source_key = 'u2-00001')`;
  const unlink = await invoke(test, "unlink-user", ...user, "--reason", "not theirs");

  assertEquals([link.code, dry.code, unlink.code], [0, 0, 3]);
  assertEquals(
    link.stdout,
    `Legacy user u2 is linked to account ${account}.\n` +
      `8 rows wait. Load with: ${COMMAND} resolve-users\n`,
  );
  assertMatch(dry.stdout, /^credit_transactions .+ 4 +[\d.]+ ms$/m);
  assertMatch(dry.stdout, /\nLegacy user u2 would be unlinked from account [0-9a-f-]+\.\n$/);
  assertMatch(unlink.stdout, /\nLegacy user u2 is unlinked from account [0-9a-f-]+\.\n$/);
  assertMatch(unlink.stdout, /^jobs +it was changed since +1 +u2-00001$/m);
});

Deno.test("invoke() says on Ctrl-C how to go on with resolve-users", async () => {
  await using test = await migrated();
  await arriveAll(test, 1);
  const app = await test.sql.reserve();
  await app`begin`;
  await app`lock table jobs in share mode`;

  const { code, stderr } = await interruptScript(
    "invoke.ts",
    ["resolve-users", "--no-require-sign-in", "--requested-by", "Ann"],
    target(test),
    async () => {
      const waiting = await test.sql`
        select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      return waiting.length > 0;
    },
  );
  await app`rollback`;
  app.release();

  assertEquals(code, 130);
  assertStringIncludes(
    stderr,
    `Continue with: ${COMMAND} resolve-users --no-require-sign-in --requested-by Ann\n`,
  );
});

Deno.test("status tells of users, of the schedule, and what to do next with a run", async () => {
  await using test = await migrated();
  await arriveAll(test, 1);
  await test.sql`select landfall.tick()`;
  await test.call("verify", { runId: 1 });

  const all = await invoke(test, "status");
  const whole = await invoke(test, "status", "--run-id", "1");
  const resolved = await invoke(test, "status", "--run-id", "2");
  await test.call("rollback", { runId: 2, confirm: true });
  const undone = await invoke(test, "status", "--run-id", "2");

  assertMatch(all.stdout, /^1 of 3 legacy users resolved$/m);
  assertMatch(
    all.stdout,
    /^schedule +none\nlast tick +.+ UTC, in SQL: done\nlinked +1\nruns +2 completed\n$/m,
  );
  assertMatch(whole.stdout, /^users +3 listed, 3 added$/m);
  assertMatch(resolved.stdout, /^options +resolved true$/m);
  assertMatch(resolved.stdout, /\nnext +verify it: .+ verify --run-id 2\n$/);
  assertMatch(undone.stdout, /\nnext +load its rows again: .+ migrate --pipeline jobs\n$/);
});

Deno.test("invoke() exits with 2 and says what to do when users are handled wrongly", async () => {
  await using test = await setup(null);
  const someone = "00000000-0000-4000-8000-000000000000";
  const misuses: [args: string, code: string, says: string][] = [
    ["resolve-users --require-sign-in=no", "LF008", "Write --require-sign-in=true"],
    ["resolve-users --no-require-sign-in=false", "LF008", "Write --require-sign-in=true"],
    ["resolve-users --no-dry-run", "LF008", "Unknown flag --no-dry-run"],
    ["resolve-users --dry-run --continue-runs", "LF001", "--continue-runs cannot be given with a"],
    ["resolve-users --pipeline nope", "LF101", "There are crm, hyperpage, jobs, kv, tracker"],
    ["resolve-users --pipeline kv", "LF602", "Pipeline kv has no legacy users"],
    ["link-user --legacy-user-id u1", "LF001", "--supabase-user-id must be the id of an account"],
    ["link-user --legacy-user-id u1 --supabase-user-id u1", "LF203", "It has no usual value"],
    [`link-user --legacy-user-id u1 --supabase-user-id ${someone}`, "LF603", "legacy user u1"],
    ["unlink-user --legacy-user-id u1", "LF603", "There is no legacy user u1"],
    ["schedule --every", "LF008", "--every needs a value"],
    ["unschedule --every 5", "LF008", "Unknown flag --every"],
  ];

  for (const [args, failure, says] of misuses) {
    const { code, stdout, stderr } = await invoke(test, ...args.split(" "));
    assertEquals([code, stdout], [2, ""], args);
    assertMatch(stderr, new RegExp(`^error ${failure}: `), args);
    assertStringIncludes(stderr, says);
  }
});

Deno.test("schedule exits with 1 without pg_cron, and unschedule with 0 (LF701)", async () => {
  await using test = await setup(null);

  const schedule = await invoke(test, "schedule", "--every", "5 minutes");
  const unschedule = await invoke(test, "unschedule");

  assertEquals([schedule.code, unschedule.code], [1, 0]);
  assertMatch(schedule.stderr, /^error LF701: .+\n +As postgres: create extension pg_cron/);
  assertEquals(unschedule.stdout, "schedule    none\n");
});

Deno.test("invoke() helps with the flags of resolve-users", async () => {
  const { code, stdout } = await runScript("invoke.ts", ["resolve-users", "--help"], {});

  assertEquals(code, 0);
  for (const flag of ["--no-require-sign-in", "--continue-runs", "--dry-run", "--workers N"]) {
    assert(stdout.includes(`\n  ${flag} `), flag);
  }
});

/** An old app whose users have all been listed, and whose rows wait for them. */
async function migrated(
  app: Parameters<typeof stageJobs>[1] = {},
  secrets: Readonly<Record<string, string>> = {},
  store: Parameters<typeof setup>[0] = null,
): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const test = starting.use(await setup(store, secrets));
  await stageJobs(test.sql, app);
  let run = await (await test.call("migrate", { pipeline: "jobs" })).json();
  while (run.state === "running") {
    run = await (await test.call("migrate", { runId: run.runId })).json();
  }
  starting.move();
  return test;
}

/** Lets the first users sign in. */
async function arriveAll({ sql }: Setup, users: number): Promise<string[]> {
  const accounts = [];
  for (let nth = 1; nth <= users; nth++) accounts.push(await arrive(sql, `u${nth}@old.example`));
  return accounts;
}

function invoke(test: Setup, ...args: string[]): Promise<Ended> {
  return runScript("invoke.ts", args, target(test));
}

function target({ api }: Setup): Record<string, string> {
  return { SUPABASE_URL: api.url, SUPABASE_SECRET_KEY: api.keys.secretKey };
}
