import { assert, assertEquals, assertMatch, assertObjectMatch } from "@std/assert";
import { startWebhook } from "../support/webhook.ts";
import { type Setup, setup } from "./setup.ts";

/** Calls that end before the work does. */
const HURRIED = { LANDFALL_BUDGET_MS: "1" };

Deno.test("rollback() previews without confirm, and changes nothing", async () => {
  await using test = await setup({ clients: 20, badClients: 2 });
  await reply(test, "migrate-kv");
  await test.sql`update clients set name = 'changed' where client_code = 'C1'`;
  const before = await contents(test);

  const preview = await reply(test, "rollback", { runId: 1 });

  assertEquals(await contents(test), before);
  assertObjectMatch(preview, {
    runId: 1,
    preview: true,
    newerRuns: [],
    progress: { done: 40, total: 40 },
  });
  assertEquals(entity(preview, "clients"), { deleted: 19, restored: 0, released: 0, left: 1 });
  assertEquals(entity(preview, "sites"), { deleted: 20, restored: 0, released: 0, left: 0 });
  assertEquals((await reply(test, "status", { runId: 1 })).rollback, null);
});

Deno.test("rollback() does with confirm what its preview said", async () => {
  await using test = await setup({ clients: 20, badClients: 2 });
  await reply(test, "migrate-kv");
  await test.sql`update clients set name = 'changed' where client_code = 'C1'`;
  const preview = await reply(test, "rollback", { runId: 1 });

  const done = await reply(test, "rollback", { runId: 1, confirm: true, requestedBy: "Ann" });

  assertObjectMatch(done, { preview: false, state: "rolled_back", requestedBy: "Ann" });
  assertEquals(done.entities.map(withoutTime), preview.entities.map(withoutTime));
  assertEquals(done.leftovers, preview.leftovers);
  assertEquals((await contents(test)).clients.length, 1);

  const forced = await reply(test, "rollback", { runId: 1, confirm: true, force: true });
  assertEquals(entity(forced, "clients").left, 0);
  assertEquals(await contents(test), { clients: [], sites: [] });
});

Deno.test("rollback() undoes only the tables it is given", async () => {
  await using test = await setup({ clients: 5 });
  await reply(test, "migrate-kv");

  const done = await reply(test, "rollback", { runId: 1, confirm: true, tables: ["sites"] });

  assertObjectMatch(done, { state: "completed", tables: ["sites"] });
  const { clients, sites } = await contents(test);
  assertEquals([clients.length, sites.length], [5, 0]);
});

Deno.test("rollback() streams its progress and ends with the report", async () => {
  await using test = await setup({ clients: 50 });
  await reply(test, "migrate-kv");

  const events = await test.stream("rollback", { runId: 1, confirm: true });

  assertObjectMatch(events[0]!, {
    event: "started",
    report: { runId: 1, state: "rolling_back", progress: { done: 0, total: 100 } },
  });
  assert(events.length > 2);
  assert(events.slice(1, -1).every(({ event }) => event === "progress"));
  assertObjectMatch(events.at(-2)!, { progress: { state: "rolled_back", done: 100, total: 100 } });
  assertObjectMatch(events.at(-1)!, { event: "report", report: { state: "rolled_back" } });
});

Deno.test("rollback() answers rolling_back when its time is over, and goes on when called again", async () => {
  await using test = await setup({ clients: 50 }, HURRIED);
  await migrateToTheEnd(test);
  const request = { runId: 1, confirm: true, force: true };

  let report = await reply(test, "rollback", request);
  const first = report;
  let calls = 1;
  for (; report.state === "rolling_back"; calls++) report = await reply(test, "rollback", request);

  assertEquals([first.state, first.finishedAt], ["rolling_back", null]);
  assert(calls > 3, `${calls} calls`);
  assertEquals(report.state, "rolled_back");
  assertEquals(await contents(test), { clients: [], sites: [] });
});

Deno.test("rollback() is continued by the next caller when the first has gone", async () => {
  await using undisturbed = await setup({ clients: 300 });
  await reply(undisturbed, "migrate-kv");
  const expected = await reply(undisturbed, "rollback", { runId: 1, confirm: true });
  await using test = await setup({ clients: 300 });
  await reply(test, "migrate-kv");
  const caller = new AbortController();
  // somebody holds a row: the roll-back has begun and cannot end
  await using held = await heldRow(test);
  const response = await fetch(`${test.api.url}/functions/v1/rollback`, {
    method: "POST",
    headers: { apikey: test.api.keys.secretKey, accept: "application/x-ndjson" },
    body: JSON.stringify({ runId: 1, confirm: true }),
    signal: caller.signal,
  });
  await response.body!.getReader().read();

  caller.abort();
  await held.release();
  const report = await reply(test, "rollback", { runId: 1, confirm: true });

  assertEquals(report.state, "rolled_back");
  assertEquals(report.entities.map(withoutTime), expected.entities.map(withoutTime));
  assertEquals(await contents(test), { clients: [], sites: [] });
});

Deno.test("rollback() refuses what it cannot do, each with its own code", async () => {
  await using test = await setup({ clients: 30 }, HURRIED);
  await migrateToTheEnd(test);
  await test.sql`update kv_store_1a2b3c4d set value = value || '{"name": "New"}'
    where key like 'client:%1'`;
  await migrateToTheEnd(test);
  const refusals: [body: unknown, status: number, code: string][] = [
    [{}, 400, "LF001"],
    [{ confirm: true }, 400, "LF001"],
    [{ runId: "1" }, 400, "LF001"],
    [{ runId: 1, confirm: "yes" }, 400, "LF001"],
    [{ runId: 1, dryRun: true }, 400, "LF001"],
    [{ runId: 0 }, 400, "LF203"],
    [{ runId: 1, tables: [] }, 400, "LF203"],
    [{ runId: 99 }, 404, "LF201"],
    [{ runId: 1, tables: ["clinets"] }, 400, "LF204"],
    [{ runId: 1, confirm: true }, 409, "LF401"],
  ];

  for (const [body, status, code] of refusals) await refuses(test, "rollback", body, status, code);

  await reply(test, "rollback", { runId: 2, confirm: true });
  await refuses(test, "rollback", { runId: 2, confirm: true, force: true }, 409, "LF402");
  await refuses(test, "migrate-kv", { runId: 2 }, 409, "LF206");
  await refuses(test, "migrate-kv", {}, 409, "LF202");
});

Deno.test("rollback() lists in a preview which newer runs stand in the way", async () => {
  await using test = await setup({ clients: 30 });
  await reply(test, "migrate-kv");
  await test.sql`update kv_store_1a2b3c4d set value = value || '{"name": "New"}'
    where key like 'client:%1'`;
  await reply(test, "migrate-kv");

  const { newerRuns } = await reply(test, "rollback", { runId: 1 });
  const anyway = await reply(test, "rollback", { runId: 1, confirm: true, anyOrder: true });

  assertEquals(newerRuns, [{ runId: 2, changed: 3 }]);
  assertEquals(entity(anyway, "clients"), { deleted: 27, restored: 0, released: 0, left: 3 });
});

Deno.test("rollback() does not undo a run that is going on (LF206)", async () => {
  await using test = await setup({ clients: 300 }, HURRIED);
  await reply(test, "migrate-kv", { batchSize: 10 });

  await refuses(test, "rollback", { runId: 1 }, 409, "LF206");
  await refuses(test, "rollback", { runId: 1, confirm: true }, 409, "LF206");
});

Deno.test("rollback() is told to whoever waits for the end of runs, without rows' values", async () => {
  await using webhook = startWebhook();
  await using test = await setup({ clients: 3 }, { LANDFALL_WEBHOOK_URL: webhook.url });
  await reply(test, "migrate-kv");
  await test.sql`update clients set name = 's3cret' where client_code = 'C1'`;
  await reply(test, "verify", { runId: 1 });

  await reply(test, "rollback", { runId: 1, confirm: true });

  const { text, report } = webhook.told[1]!;
  assertEquals(webhook.told.length, 2);
  assertMatch(text, /^Landfall: run 1 of kv was rolled back in [^:]+: 5 deleted, 1 left$/);
  assertObjectMatch(report as Record<string, unknown>, {
    state: "rolled_back",
    verification: { state: "different", differences: [{ kind: "value", name: "name" }] },
  });
  assertEquals(JSON.stringify(webhook.told).includes("s3cret"), false);
});

/** Holds a target row in a transaction of the app, until it is released. */
async function heldRow({ sql }: Setup): Promise<AsyncDisposable & { release(): Promise<void> }> {
  const connection = await sql.reserve();
  await connection`begin`;
  await connection`select from sites where slug = 'site-7' for update`;
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await connection`rollback`;
    connection.release();
  };
  return { release, [Symbol.asyncDispose]: release };
}

async function migrateToTheEnd(test: Setup): Promise<void> {
  let { runId, state } = await reply(test, "migrate-kv");
  while (state === "running") ({ runId, state } = await reply(test, "migrate-kv", { runId }));
}

async function contents({ sql }: Setup): Promise<{ clients: unknown[]; sites: unknown[] }> {
  return {
    clients: [...await sql`select clients::text as row from clients order by id`],
    sites: [...await sql`select sites::text as row from sites order by id`],
  };
}

interface Undone {
  readonly entity: string;
  readonly deleted: number;
  readonly restored: number;
  readonly released: number;
  readonly left: number;
  readonly durationMs: number;
}

function withoutTime({ durationMs: _time, ...rest }: Undone): unknown {
  return rest;
}

function entity(report: { entities: Undone[] }, name: string): Record<string, number> {
  const { deleted, restored, released, left } = report.entities
    .find(({ entity }) => entity === name)!;
  return { deleted, restored, released, left };
}

async function refuses(
  test: Setup,
  name: string,
  body: unknown,
  status: number,
  code: string,
): Promise<void> {
  const response = await test.call(name, body);
  const failure = await response.json();
  assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
  assertEquals(Object.keys(failure), ["code", "message", "details", "hint"]);
}

// deno-lint-ignore no-explicit-any
async function reply(test: Setup, name: string, body: unknown = {}): Promise<any> {
  const response = await test.call(name, body);
  const reply = await response.json();
  assertEquals(response.status, 200, JSON.stringify(reply));
  return reply;
}
