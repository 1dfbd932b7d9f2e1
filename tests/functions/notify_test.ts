import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../../scripts/stack/port.ts";
import { hasBegun } from "../support/has_begun.ts";
import { startWebhook } from "../support/webhook.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("notify() tells the end of a run once, in a line and as its report", async () => {
  await using webhook = startWebhook();
  await using test = await setup({ clients: 12, badClients: 2 }, told(webhook.url));

  const report = await run(test);
  await test.call("migrate-kv", { runId: 1 });

  assertEquals(webhook.told.length, 1);
  assertMatch(
    webhook.told[0]!.text,
    /^Landfall: run 1 of kv completed in [^:]+: 28 source rows, 24 inserted, 4 rejected$/,
  );
  assertEquals(webhook.told[0]!.report, report);
  assertEquals(await test.api.logged("notified"), [
    { event: "notified", runId: 1, state: "completed", status: 200 },
  ]);
});

Deno.test("notify() sends the reasons of rejects, and not what Postgres said of them", async () => {
  await using webhook = startWebhook();
  await using test = await setup({ clients: 1 }, told(webhook.url));
  await test.sql`
    update kv_store_1a2b3c4d set value = value || '{"created_at": "b1rthday"}'
    where key like 'client:%'`;

  await run(test);

  const sent = JSON.stringify(webhook.told);
  assertStringIncludes(sent, "client:00000001");
  assertEquals(sent.includes("b1rthday"), false);
});

Deno.test("notify() is silent about dry runs, pauses and runs that go on", async () => {
  await using webhook = startWebhook();
  await using test = await setup(
    { clients: 300 },
    { ...told(webhook.url), LANDFALL_BUDGET_MS: "1" },
  );

  await run(test, { dryRun: true });
  await run(test, { batchSize: 10 });
  await test.call("pause", { runId: 1 });

  assertEquals(webhook.told, []);
});

Deno.test("notify() tells that a run was cancelled, whoever hears of it first", async () => {
  await using webhook = startWebhook();
  await using test = await setup({ clients: 300 }, told(webhook.url));

  const running = run(test, { batchSize: 10, pauseMs: 100 });
  await hasBegun(test.sql);
  await test.call("cancel", { runId: 1 });
  const report = await running;

  assertEquals(report.state, "cancelled");
  assertEquals(webhook.told.length, 1);
  assertMatch(webhook.told[0]!.text, /^Landfall: run 1 of kv was cancelled: \d+ source rows, /);
});

Deno.test("notify() tells why a run failed (LF211)", async () => {
  await using webhook = startWebhook();
  await using test = await setup({ clients: 5, badClients: 5 }, told(webhook.url));

  await run(test, { maxRejects: 2, workers: 1 });

  assertMatch(
    webhook.told[0]!.text,
    /^Landfall: run 1 of kv failed after [^:]+: LF211 \d+ rows are rejected, more than the 2 /,
  );
});

Deno.test("notify() harms nothing when it is refused, and logs neither address nor answer", async () => {
  await using refusing = startWebhook(() => new Response("no s3cret", { status: 500 }));
  await using moved = startWebhook(() => Response.redirect("http://127.0.0.1:4/", 307));
  const nobody = `http://127.0.0.1:${freePort()}/s3cret`;
  const ends: [url: string, logged: Record<string, unknown>][] = [
    [refusing.url, { status: 500 }],
    [moved.url, { status: 307 }],
    [nobody, { error: "TypeError" }],
    ["https//s3cret", { error: "LANDFALL_WEBHOOK_URL is malformed" }],
    ["file:///s3cret", { error: "LANDFALL_WEBHOOK_URL is malformed" }],
  ];

  for (const [url, logged] of ends) {
    await using test = await setup({ clients: 3 }, told(url));
    const report = await run(test);

    assertEquals(report.state, "completed", url);
    const events = await test.api.logged("not notified");
    assertEquals(events, [{ event: "not notified", runId: 1, state: "completed", ...logged }]);
    assertEquals(JSON.stringify(await test.api.logged("answered")).includes("s3cret"), false);
  }
});

Deno.test("notify() waits five seconds for an answer, and no longer", async () => {
  const { promise: never, resolve } = Promise.withResolvers<Response>();
  await using webhook = startWebhook(() => never);
  await using test = await setup({ clients: 3 }, told(webhook.url));

  const start = performance.now();
  const report = await run(test);
  const waited = performance.now() - start;
  resolve(new Response());

  assertEquals(report.state, "completed");
  assertEquals(waited > 4_900 && waited < 20_000, true, `${waited} ms`);
  assertEquals(await test.api.logged("not notified"), [
    { event: "not notified", runId: 1, state: "completed", error: "TimeoutError" },
  ]);
});

Deno.test("notify() harms nothing where the engine cannot say who is first (LF009)", async () => {
  await using webhook = startWebhook();
  await using test = await setup({ clients: 3 }, told(webhook.url));
  await test.sql`drop function landfall.announce_run`;
  await test.sql`notify pgrst, 'reload schema'`;

  const report = await run(test);

  assertEquals(report.state, "completed");
  assertEquals(webhook.told, []);
});

Deno.test("notify() asks nothing of the engine when there is nobody to tell", async () => {
  await using test = await setup({ clients: 3 });

  await run(test);

  const [row] = await test.sql`select announced from landfall.runs`;
  assertEquals(row!.announced, null);
});

function told(url: string): Record<string, string> {
  return { LANDFALL_WEBHOOK_URL: url };
}

// deno-lint-ignore no-explicit-any
async function run(test: Setup, body: unknown = {}): Promise<any> {
  const response = await test.call("migrate-kv", body);
  assertEquals(response.status, 200);
  return await response.json();
}
