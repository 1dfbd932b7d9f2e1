import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { makeStore } from "../functions/kv_store.ts";
import { type Setup, setup } from "../functions/setup.ts";
import { type Ended, interruptScript, runScript } from "./run_script.ts";

Deno.test("invoke() shows what became of every entity, and why rows were rejected", async () => {
  await using test = await setup({ clients: 12, badClients: 2 });

  const { code, stdout } = await invoke(test, "migrate-kv");

  assertEquals(code, 3);
  assertMatch(stdout, /^entity +source +inserted +updated +unchanged +rejected +deferred +time$/m);
  assertMatch(stdout, /^clients +14 +12 +0 +0 +2 +0 /m);
  assertMatch(stdout, /^clients +contact_email is no e-mail address +2 +client:0/m);
  assertMatch(stdout, /Run 1 completed in .+\.\n$/);
});

Deno.test("invoke() says of a dry run that nothing was written", async () => {
  await using test = await setup({ clients: 5 });

  const { code, stdout } = await invoke(test, "migrate-kv", "--dry-run");

  assertEquals(code, 0);
  assertMatch(stdout, /nothing was written\. The real run will take about .+\.\n$/);
});

Deno.test("invoke() prints with --json the reply and nothing else", async () => {
  await using test = await setup({ clients: 5 });
  await invoke(test, "migrate-kv");

  const { stdout } = await invoke(test, "status", "--run-id", "1", "--json");

  const reply = await test.call("status", { runId: 1 });
  assertEquals(JSON.parse(stdout), await reply.json());
  assertEquals(stdout.trimEnd().split("\n").length, 1);
});

Deno.test("invoke() explains with --verbose", async () => {
  await using test = await setup({ clients: 5 });

  const { stderr } = await invoke(
    test,
    "migrate-kv",
    "--dry-run",
    "--batch-size",
    "100",
    "--verbose",
  );

  assertStringIncludes(stderr, '{"dryRun":true,"batchSize":100}');
  assertMatch(stderr, /options +.*batchSize 100/);
  assertMatch(stderr, /next +migrate: deno task supabase functions invoke migrate-kv/);
});

Deno.test("invoke() calls again for as long as the run goes on", async () => {
  await using test = await setup({ clients: 200 }, { LANDFALL_BUDGET_MS: "1" });

  const { code, stdout, stderr } = await invoke(
    test,
    "migrate-kv",
    "--batch-size",
    "20",
    "--verbose",
  );

  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "continuing run 1");
  assertMatch(stdout, /^clients +200 +200 /m);
});

Deno.test("invoke() says on Ctrl-C how to continue", async () => {
  await using test = await setup({ clients: 500 });

  const { code, stderr } = await interruptScript(
    "invoke.ts",
    ["migrate-kv", "--batch-size", "10", "--pause-ms", "500"],
    target(test),
    async () => {
      const [row] = await test
        .sql`select count(*)::int as batches from landfall.batches where done`;
      return row!.batches > 0;
    },
  );

  assertEquals(code, 130);
  assertMatch(stderr, /Continue with: deno task supabase functions invoke migrate-kv --run-id 1\n/);
});

Deno.test("invoke() lists pipelines and runs", async () => {
  await using test = await setup({ clients: 5 });
  await invoke(test, "migrate-kv");

  const { code, stdout } = await invoke(test, "status");

  assertEquals(code, 0);
  assertMatch(stdout, /^clients +public\.clients +5 +0 +0$/m);
  assertMatch(stdout, /^ *1 +completed /m);
});

Deno.test("invoke() exits with 2 and says what to do when it is used wrongly", async () => {
  await using test = await setup({ clients: 5 });
  const misuses: [args: string, code: string, says: string][] = [
    ["migrate-vk", "LF003", "Did you mean migrate-kv?"],
    ["migrate-kv --btch-size 5", "LF008", "Did you mean --batch-size?"],
    ["migrate-kv --batch-size many", "LF008", "--batch-size needs a whole number"],
    ["migrate-kv --batch-size", "LF008", "--batch-size needs a value"],
    ["migrate-kv clients", "LF008", 'takes no argument "clients"'],
    ["migrate-kv --rule-actions unlisted", "LF008", "--rule-actions needs pairs of name=value"],
    ["migrate-kv --run-id 1 --limit 5", "LF001", "--limit cannot be given with a run"],
    ["migrate-kv --batch-size 0", "LF203", "--batch-size must be a whole number of at least 1"],
    ["migrate-kv --on-existing drop", "LF203", "--on-existing must be reject, keep or update"],
    ["migrate-kv --max-rejects few", "LF203", "--max-rejects must be a number such as 100"],
    ["migrate-kv --tables clinets", "LF204", "Its tables are clients"],
    ["migrate-kv --run-id 99", "LF201", "There is no run 99"],
    ["migrate --pipeline nope", "LF101", "There is no pipeline nope"],
  ];

  for (const [args, failure, says] of misuses) {
    const { code, stdout, stderr } = await invoke(test, ...args.split(" "));
    assertEquals([code, stdout], [2, ""], args);
    assertMatch(stderr, new RegExp(`^error ${failure}: `), args);
    assertStringIncludes(stderr, says);
  }
});

Deno.test("invoke() exits with 2 without a store, with several, and while a run is active", async () => {
  await using test = await setup(null, { LANDFALL_BUDGET_MS: "1" });

  const none = await invoke(test, "migrate-kv");
  await makeStore(test.sql, { table: "kv_store_00000001", clients: 300 });
  await makeStore(test.sql, { table: "kv_store_00000002" });
  const several = await invoke(test, "migrate-kv");
  await test.call("migrate-kv", { source: "public.kv_store_00000001", batchSize: 10 });
  const active = await invoke(test, "migrate-kv", "--source", "public.kv_store_00000001");

  assertEquals([none.code, several.code, active.code], [2, 2, 2]);
  assertMatch(none.stderr, /^error LF207: /);
  assertMatch(several.stderr, /^error LF208: /);
  assertMatch(active.stderr, /^error LF202: /);
});

Deno.test("invoke() prints a failure with --json as the function told it", async () => {
  await using test = await setup(null);

  const { code, stdout } = await invoke(test, "migrate", "--pipeline", "nope", "--json");

  const reply = await test.call("migrate", { pipeline: "nope" });
  assertEquals(code, 2);
  assertEquals(JSON.parse(stdout), await reply.json());
});

Deno.test("invoke() takes requests by their flags", async () => {
  await using test = await setup({ clients: 9, unlistedClients: 3 });

  const { stdout } = await invoke(
    test,
    "migrate-kv",
    ..."--tables clients,sites --tables catalogs --unlisted skip --max-rejects 50% --json".split(
      " ",
    ),
  );

  const { options, entities } = JSON.parse(stdout);
  assertEquals(options, {
    tables: ["clients", "sites", "catalogs"],
    maxRejects: "50%",
    ruleActions: { unlisted: "reject" },
  });
  assertEquals(entities.length, 3);
});

Deno.test("invoke() exits with 1 when the run fails, and says how to continue", async () => {
  await using test = await setup({ clients: 5, badClients: 5 });

  const { code, stdout } = await invoke(test, "migrate-kv", "--max-rejects", "2");

  assertEquals(code, 1);
  assertMatch(stdout, /Run 1 failed after .*LF211/);
  assertMatch(stdout, /migrate-kv --run-id 1\n$/);
});

Deno.test("invoke() exits with 1 when nobody answers, or the key is wrong", async () => {
  await using test = await setup(null);

  const secretKey = "sb_secret_x";
  const call = (env: Record<string, string>) => runScript("invoke.ts", ["status"], env);

  const wrong = await call({ SUPABASE_URL: test.api.url, SUPABASE_SECRET_KEY: secretKey });
  const nobody = await call({ SUPABASE_URL: "http://127.0.0.1:4", SUPABASE_SECRET_KEY: secretKey });
  const nowhere = await call({ SUPABASE_URL: test.api.url });

  assertEquals([wrong.code, nobody.code, nowhere.code], [1, 1, 1]);
  assertMatch(wrong.stderr, /^error LF002: /);
  assertMatch(nobody.stderr, /^error LF005: Nothing answers at http:\/\/127\.0\.0\.1:4\n/);
  assertMatch(nowhere.stderr, /^error LF006: /);
  assert(!`${wrong.stderr}${nobody.stderr}`.includes(secretKey));
});

Deno.test("invoke() helps with every flag of a function", async () => {
  const { code, stdout } = await runScript("invoke.ts", ["migrate-kv", "--help"], {});

  assertEquals(code, 0);
  const flags = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
  const wanted =
    "--dry-run --batch-size --workers --tables --limit --skip-validation --on-existing " +
    "--max-rejects --run-id --verbose --json";
  for (const flag of wanted.split(" ")) assert(flags.includes(flag), flag);
});

function invoke(test: Setup, ...args: string[]): Promise<Ended> {
  return runScript("invoke.ts", args, target(test));
}

function target({ api }: Setup): Record<string, string> {
  return { SUPABASE_URL: api.url, SUPABASE_SECRET_KEY: api.keys.secretKey };
}
