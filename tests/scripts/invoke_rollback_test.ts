import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Setup, setup } from "../functions/setup.ts";
import { type Ended, interruptScript, runScript } from "./run_script.ts";

const COMMAND = "deno task supabase functions invoke rollback";

Deno.test("invoke() previews a roll-back, and says which command does it", async () => {
  await using test = await setup({ clients: 30 });
  await test.call("migrate-kv");
  await test.sql`update clients set name = 'changed' where client_code = 'C3'`;

  const { code, stdout } = await invoke(test, "rollback", "--run-id", "1");

  assertEquals(code, 3);
  assertMatch(stdout, /^entity +deleted +restored +released +left +time$/m);
  assertMatch(stdout, /^clients +29 +0 +0 +1 /m);
  assertMatch(stdout, /^sites +30 +0 +0 +0 /m);
  assertMatch(stdout, /^clients +it was changed since +1 +client:[0-9-]+3$/m);
  assertStringIncludes(stdout, "\n--force undoes rows that were changed since, too.\n");
  assertStringIncludes(
    stdout,
    `\nPreview: nothing was changed. Undo it with: ${COMMAND} --run-id 1 --confirm\n`,
  );
  assertEquals(await rows(test), { clients: 30, sites: 30 });
});

Deno.test("invoke() says in a preview which newer runs stand in the way", async () => {
  await using test = await setup({ clients: 30 });
  await twoRuns(test);

  const first = await invoke(test, "rollback", "--run-id", "1", "--tables", "clients,sites");
  const anyway = await invoke(test, "rollback", "--run-id", "1", "--any-order", "--force");

  assertMatch(
    first.stdout,
    /^Run 2 is newer and has changed 3 of these rows: roll it back first, or add --any-order\.$/m,
  );
  assertMatch(first.stdout, /rollback --run-id 1 --confirm --tables clients,sites\n$/);
  assertMatch(anyway.stdout, /^Run 2 is newer and has changed 3 of these rows\.$/m);
  assertMatch(anyway.stdout, /rollback --run-id 1 --confirm --force --any-order\n$/);
});

Deno.test("invoke() rolls a run back with --confirm", async () => {
  await using test = await setup({ clients: 30, badClients: 2 });
  await test.call("migrate-kv");

  const { code, stdout } = await invoke(test, "rollback", "--run-id", "1", "--confirm");

  assertEquals(code, 0);
  assertMatch(stdout, /^clients +30 +0 +0 +0 /m);
  assertMatch(stdout, /\nRun 1 is rolled back in .+\.\n$/);
  assertEquals(await rows(test), { clients: 0, sites: 0 });
});

Deno.test("invoke() rolls tables of a run back", async () => {
  await using test = await setup({ clients: 30 });
  await test.call("migrate-kv");
  const tables = (names: string) =>
    invoke(test, "rollback", "--run-id", "1", "--confirm", "--tables", names);

  const one = await tables("sites");
  const two = await tables("sites,catalogs");

  assertMatch(one.stdout, /\nTable sites of run 1 is rolled back in .+\.\n$/);
  assertMatch(two.stdout, /\nTables sites, catalogs of run 1 are rolled back in .+\.\n$/);
  assertEquals(await rows(test), { clients: 30, sites: 0 });
});

Deno.test("invoke() exits with 3 when a roll-back leaves rows, and says why", async () => {
  await using test = await setup({ clients: 5 });
  await test.call("migrate-kv");
  await test.sql`
    insert into sites (id, client_id, name, slug)
    select gen_random_uuid(), id, 'New', 'new' from clients where client_code = 'C1'`;

  const { code, stdout } = await invoke(test, "rollback", "--run-id", "1", "--confirm", "--force");

  assertEquals(code, 3);
  assertMatch(stdout, /^clients +public\.sites refers to it +1 +client:/m);
  assert(!stdout.includes("--force undoes"));
  assertMatch(stdout, /\nRun 1 is rolled back in .+\.\n$/);
});

Deno.test("invoke() calls again for as long as the roll-back goes on", async () => {
  await using test = await setup({ clients: 50 }, { LANDFALL_BUDGET_MS: "1" });
  await invoke(test, "migrate-kv");

  const { code, stdout, stderr } = await invoke(
    test,
    "rollback",
    "--run-id",
    "1",
    "--confirm",
    "--verbose",
  );

  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "continuing the roll-back of run 1");
  assertMatch(stdout, /^clients +50 +0 +0 +0 /m);
  assertEquals(await rows(test), { clients: 0, sites: 0 });
});

Deno.test("invoke() says on Ctrl-C how to continue a roll-back", async () => {
  await using test = await setup({ clients: 50 });
  await test.call("migrate-kv");
  const app = await test.sql.reserve();
  await app`begin`;
  await app`select from sites where slug = 'site-7' for update`;

  const { code, stderr } = await interruptScript(
    "invoke.ts",
    ["rollback", "--run-id", "1", "--confirm", "--force", "--requested-by", "Ann O'Neill"],
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
    `Continue with: ${COMMAND} --run-id 1 --confirm --force --requested-by 'Ann O'\\''Neill'\n`,
  );
});

Deno.test("invoke() exits with 2 and says what to do when rollback is used wrongly", async () => {
  await using test = await setup({ clients: 30 });
  await twoRuns(test);
  const misuses: [args: string, code: string, says: string][] = [
    ["", "LF001", "--run-id must be a whole number of at least 1: it is missing"],
    ["1", "LF008", 'takes no argument "1"'],
    ["--run-id 1 --confrim", "LF008", "Did you mean --confirm?"],
    ["--run-id 99", "LF201", "There is no run 99"],
    ["--run-id 1 --tables clinets", "LF204", "Its tables are clients"],
    ["--run-id 1 --confirm", "LF401", "Roll back the newest run first"],
  ];

  for (const [args, failure, says] of misuses) {
    const { code, stdout, stderr } = await invoke(test, "rollback", ...words(args));
    assertEquals([code, stdout], [2, ""], args);
    assertMatch(stderr, new RegExp(`^error ${failure}: `), args);
    assertStringIncludes(stderr, says);
  }
});

Deno.test("invoke() does not continue to migrate a run that is rolled back (LF206)", async () => {
  await using test = await setup({ clients: 5 });
  await test.call("migrate-kv");
  await test.call("rollback", { runId: 1, confirm: true });

  const { code, stderr } = await invoke(test, "migrate-kv", "--run-id", "1");

  assertEquals(code, 1);
  assertMatch(stderr, /^error LF206: Run 1 is rolled back.*\n.*\n +Start a new run/);
});

/** A run, and one that changes three of its rows. */
async function twoRuns(test: Setup): Promise<void> {
  await test.call("migrate-kv");
  await test.sql`
    update kv_store_1a2b3c4d set value = value || '{"name": "New"}' where key like 'client:%1'`;
  await test.call("migrate-kv");
}

async function rows({ sql }: Setup): Promise<unknown> {
  const [counts] = await sql`
    select (select count(*)::int from clients) as clients,
      (select count(*)::int from sites) as sites`;
  return { ...counts };
}

function words(args: string): string[] {
  return args.split(" ").filter(Boolean);
}

function invoke(test: Setup, ...args: string[]): Promise<Ended> {
  return runScript("invoke.ts", args, target(test));
}

function target({ api }: Setup): Record<string, string> {
  return { SUPABASE_URL: api.url, SUPABASE_SECRET_KEY: api.keys.secretKey };
}
