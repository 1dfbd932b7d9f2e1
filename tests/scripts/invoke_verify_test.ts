import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { verificationSummary } from "../../scripts/invoke/verification_summary.ts";
import type { VerificationReport } from "../../supabase/functions/_shared/replies.ts";
import { type Setup, setup } from "../functions/setup.ts";
import { type Ended, interruptScript, runScript } from "./run_script.ts";

Deno.test("invoke() exits with 0 when a verification is clean", async () => {
  await using test = await setup({ clients: 30, badClients: 2 });
  await test.call("migrate-kv");

  const pipeline = await invoke(test, "verify", "--pipeline", "kv");
  const run = await invoke(test, "verify", "--run-id", "1", "--tables", "clients");

  assertEquals([pipeline.code, run.code], [0, 0]);
  assertMatch(
    pipeline.stdout,
    /^entity +source +migrated +rejected +deferred +unknown +time\nclients +32 +30 +2 +0 +0 /,
  );
  assertMatch(pipeline.stdout, /\nClean: 60 rows compared in .+\.\n$/);
  assertMatch(run.stdout, /\nClean: 30 rows compared in .+\.\n$/);
});

Deno.test("invoke() exits with 4 when a target is damaged, and shows where", async () => {
  await using test = await setup({ clients: 30 });
  await test.call("migrate-kv");
  await test.sql`
    update clients set name = E'\\x1b[31mred\\nline' where client_code in ('C3', 'C4')`;
  await test.sql`delete from sites where slug = 'site-4'`;

  const { code, stdout } = await invoke(test, "verify", "--pipeline", "kv");

  assertEquals(code, 4);
  assertMatch(stdout, /^entity +kind +of +rows +for example +target +expected +actual$/m);
  assertStringIncludes(stdout, '  Client 3  "\\u001b[31mred\\nline"\n');
  assertMatch(stdout, /^clients +value +name +2 +client:[0-9-]+3 +[0-9-]+3 +Client 3 /m);
  assertMatch(stdout, /^sites +lost +1 +site:[0-9-]+4 +[0-9-]+4$/m);
  assertMatch(stdout, /^lost +the target row is gone$/m);
  assertMatch(stdout, /\nDifferent: 3 differences of 2 kinds\.\n$/);
  assert(!stdout.includes("\x1b"));
  assert(!stdout.includes("--allow-unknown"));
});

Deno.test("invoke() says how to allow rows that only the app knows", async () => {
  await using test = await setup({ clients: 3 });
  await test.call("migrate-kv");
  await test.sql`
    insert into sites (id, client_id, name, slug)
    select gen_random_uuid(), id, 'New', 'new' from clients where client_code = 'C1'`;

  const strict = await invoke(test, "verify", "--pipeline", "kv");
  const allowing = await invoke(test, "verify", "--pipeline", "kv", "--allow-unknown");

  assertEquals([strict.code, allowing.code], [4, 0]);
  assertMatch(strict.stdout, /^sites +unknown +1 /m);
  assertMatch(
    strict.stdout,
    /\nAdd --allow-unknown .+\nDifferent: 1 difference of 1 kind\.\n$/,
  );
  assertMatch(allowing.stdout, /^sites +3 +3 +0 +0 +1 /m);
});

Deno.test("invoke() prints a verification with --json and nothing else", async () => {
  await using test = await setup({ clients: 3 });
  await test.call("migrate-kv");

  const { code, stdout } = await invoke(test, "verify", "--pipeline", "kv", "--json");

  const reply = await test.call("verify", { verificationId: 1 });
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout), await reply.json());
});

Deno.test("invoke() calls again for as long as the verification goes on", async () => {
  await using test = await setup({ clients: 50 }, { LANDFALL_BUDGET_MS: "1" });
  await invoke(test, "migrate-kv");

  const { code, stdout, stderr } = await invoke(test, "verify", "--run-id", "1", "--verbose");

  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "continuing verification 1");
  assertMatch(stdout, /\nClean: 100 rows compared in .+\.\n$/);
});

Deno.test("invoke() says on Ctrl-C how to continue a verification", async () => {
  await using test = await setup({ clients: 50 });
  await test.call("migrate-kv");
  const app = await test.sql.reserve();
  await app`begin`;
  await app`lock table sites`;

  const { code, stderr } = await interruptScript(
    "invoke.ts",
    ["verify", "--pipeline", "kv", "--samples", "7"],
    target(test),
    async () => {
      const waiting = await test.sql`
        select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      return waiting.length > 0;
    },
  );
  await app`rollback`;
  app.release();
  const continued = await invoke(test, "verify", "--verification-id", "1");

  assertEquals([code, continued.code], [130, 0]);
  assertStringIncludes(
    stderr,
    "Continue with: deno task supabase functions invoke verify --verification-id 1\n",
  );
  assertMatch(continued.stdout, /\nClean: 100 rows compared in .+\.\n$/);
});

Deno.test("invoke() exits with 2 and says what to do when verify is used wrongly", async () => {
  await using test = await setup(null);
  const misuses: [args: string, code: string, says: string][] = [
    ["", "LF001", "--pipeline is missing: name the pipeline to verify, or a run"],
    ["--pipeline kv --run-id 1", "LF001", "--pipeline cannot be given with a run"],
    ["--verification-id 1 --samples 3", "LF001", "--samples cannot be given with a verification"],
    ["--pipeline kv --samples 101", "LF203", "--samples must be at most 100"],
    ["--pipeline nope", "LF101", "There is no pipeline nope"],
    ["--run-id 99", "LF201", "There is no run 99"],
    ["--verification-id 99", "LF502", "There is no verification 99"],
  ];

  for (const [args, failure, says] of misuses) {
    const { code, stdout, stderr } = await invoke(
      test,
      "verify",
      ...args.split(" ").filter(Boolean),
    );
    assertEquals([code, stdout], [2, ""], args);
    assertMatch(stderr, new RegExp(`^error ${failure}: `), args);
    assertStringIncludes(stderr, says);
  }
});

Deno.test("verificationSummary() shows sums, rare counts, and no more differences than one reads", () => {
  const entity = { entity: "orders", target: "public.orders", source: 3, migrated: 3, rejected: 0 };
  const report: VerificationReport = {
    verificationId: 1,
    pipeline: "shop",
    documents: false,
    runId: null,
    state: "different",
    startedAt: "2026-11-20T17:00:00Z",
    finishedAt: "2026-11-20T17:00:01Z",
    durationMs: 1_000,
    progress: { done: 3, total: 3 },
    entities: [{
      ...entity,
      deferred: 0,
      kept: 1,
      rewritten: 0,
      unknown: 0,
      sums: { amount: ["1234.5001", "1234.5"] },
      durationMs: 900,
    }],
    differences: Array.from({ length: 17 }, (_, nth) => ({
      entity: "orders",
      kind: "value",
      name: `column_${nth}`,
      count: nth + 1,
      sample: [],
    })),
  };

  const lines = verificationSummary(report);

  assertEquals(lines.slice(0, 5), [
    "entity  source  migrated  rejected  deferred  kept  unknown  time",
    "orders       3         3         0         0     1        0  900 ms",
    "",
    "entity  sum of  given      stored",
    "orders  amount  1234.5001  1234.5",
  ]);
  assert(lines.includes("and 2 more, see --json"));
  assert(!lines.some((line) => line.includes("column_1 ")));
  assertEquals(lines.at(-1), "Different: 153 differences of 1 kind.");
});

function invoke(test: Setup, ...args: string[]): Promise<Ended> {
  return runScript("invoke.ts", args, target(test));
}

function target({ api }: Setup): Record<string, string> {
  return { SUPABASE_URL: api.url, SUPABASE_SECRET_KEY: api.keys.secretKey };
}
