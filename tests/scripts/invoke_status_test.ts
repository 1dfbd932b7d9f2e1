import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Setup, setup } from "../functions/setup.ts";
import { type Ended, runScript } from "./run_script.ts";

const COMMAND = "deno task supabase functions invoke";

Deno.test("status tells everything about a run, and what to do next", async () => {
  await using test = await setup({ clients: 30, badClients: 2 });
  await test.call("migrate-kv", { batchSize: 500, requestedBy: "Ann" });

  const { code, stdout } = await status(test);

  assertEquals(code, 0);
  assertMatch(stdout, /^Run 1 of kv is completed\.\n\nasked by +Ann\noptions +batchSize 500\n/);
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`;
  assertMatch(stdout, new RegExp(`^started +${time}$`, "m"));
  assertMatch(stdout, new RegExp(`^ended +${time}, after .+$`, "m"));
  assertMatch(stdout, /^progress +64 of 64 source rows$/m);
  assertMatch(stdout, /^entity .+ time +rows\/s\nclients +32 +30 +0 +0 +2 +0 .+ms +[\d,]+$/m);
  assertMatch(stdout, /^clients +contact_email is no e-mail address +2 +client:/m);
  assertMatch(stdout, /^verified +not yet$/m);
  assertMatch(stdout, /\nnext +.+migrate --pipeline kv --retry-rejects\n$/);
});

Deno.test("status tells how a run was verified, and how it was rolled back", async () => {
  await using test = await setup({ clients: 30 });
  await test.call("migrate-kv");
  const unverified = await status(test);
  await test.call("verify", { runId: 1 });
  const clean = await status(test);
  await test.sql`update clients set name = 'changed' where client_code = 'C3'`;
  await test.call("verify", { runId: 1 });
  const different = await status(test);
  await test.call("rollback", { runId: 1, confirm: true, requestedBy: "Bob" });
  const rolledBack = await status(test);

  assertStringIncludes(unverified.stdout, `  verify it: ${COMMAND} verify --run-id 1\n`);
  assertMatch(clean.stdout, /^verified +.+ UTC, verification 1\. Clean\.$/m);
  assertMatch(clean.stdout, /\nnext +nothing: every source row is where it belongs\n$/);
  assertMatch(different.stdout, /^verified .+ Different: 1 difference of 1 kind\.$/m);
  assertMatch(different.stdout, /^clients +value +name +1 .+ Client 3 +changed$/m);
  assertMatch(different.stdout, /\nnext +mend what differs, .+ verify --run-id 1\n$/);
  assertMatch(rolledBack.stdout, /^Run 1 of kv is rolled back\.$/m);
  assertMatch(rolledBack.stdout, /^roll-back +asked for by Bob, options none, all as usual$/m);
  assertMatch(rolledBack.stdout, /^clients +it was changed since +1 +client:/m);
  assertMatch(rolledBack.stdout, /\nnext +nothing: the run is over\n$/);
});

Deno.test("status tells how many rows of a file were left out when it was imported", async () => {
  await using test = await setup();
  await test.sql`insert into landfall.imports (pipeline, source) values ('jobs', 'app.db')`;
  await test.sql`
    insert into landfall.left_out (import_id, table_name, row_id, column_name, reason)
    values (1, 'jobs', '7', 'status', 'a blob'), (1, 'jobs', '7', 'result', 'a blob'),
      (1, 'jobs', '8', 'status', 'a blob')`;

  const { stdout } = await runScript(
    "supabase.ts",
    ["functions", "invoke", "status", "--pipeline", "jobs"],
    { SUPABASE_URL: test.api.url, SUPABASE_SECRET_KEY: test.api.keys.secretKey },
  );

  assertMatch(stdout, /^2 rows were left out by the import: landfall\.left_out$/m);
});

Deno.test("status says of a run that is being rolled back which command continues it", async () => {
  await using test = await setup({ clients: 30 });
  await test.call("migrate-kv");
  await test.sql`select landfall.start_rollback(1, '{"tables": ["sites"], "force": true}')`;

  const { stdout } = await status(test);

  assertMatch(stdout, /^Run 1 of kv is rolling back\.$/m);
  assertMatch(
    stdout,
    /\nnext +continue: .+ rollback --run-id 1 --confirm --tables sites --force\n$/,
  );
});

Deno.test("status and migrate count the rows that a run has pruned, and those it left", async () => {
  await using test = await setup({ clients: 30 });
  await test.call("migrate-kv");
  await test.sql`delete from kv_store_1a2b3c4d where key like 'site:%7'`;
  await test.sql`update sites set name = 'changed' where slug = 'site-7'`;

  const migrate = await invoke(test, "migrate-kv", "--prune");
  const later = await status(test, 2);

  assertEquals(migrate.code, 0);
  for (const { stdout } of [migrate, later]) {
    assertMatch(stdout, /^entity .+ deferred +pruned +time/m);
    assertMatch(stdout, /^sites +27 +0 +0 +27 +0 +0 +2 /m);
    assertMatch(stdout, /^entity +not pruned because +rows +for example$/m);
    assertMatch(stdout, /^sites +it was changed since +1 +site:[0-9-]+07$/m);
  }
});

Deno.test("status escapes what a person has called himself", async () => {
  await using test = await setup({ clients: 1 });
  await test.call("migrate-kv", { requestedBy: "\x1b[31mred" });

  const { stdout } = await status(test);

  assert(!stdout.includes("\x1b"));
  assertStringIncludes(stdout, "asked by    \\u{1b}[31mred\n");
});

function status(test: Setup, runId = 1): Promise<Ended> {
  return invoke(test, "status", "--run-id", String(runId));
}

function invoke({ api }: Setup, ...args: string[]): Promise<Ended> {
  return runScript("invoke.ts", args, {
    SUPABASE_URL: api.url,
    SUPABASE_SECRET_KEY: api.keys.secretKey,
  });
}
