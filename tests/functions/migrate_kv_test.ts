import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { RunReport, StreamEvent } from "../../supabase/functions/_shared/replies.ts";
import { makeStore } from "./kv_store.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("migrate-kv() foretells in a dry run what the run does, and writes nothing", async () => {
  await using test = await setup({ clients: 30, badClients: 3, unlistedClients: 2 });
  const before = await everything(test);

  const foretold = await migrate(test, { dryRun: true });
  const after = await everything(test);
  const done = await migrate(test);

  assertEquals(after, before);
  assertEquals([foretold.runId, foretold.dryRun], [null, true]);
  assertEquals([done.runId, done.dryRun], [1, false]);
  assertEquals(outcome(foretold), outcome(done));
  assertEquals(counts(done, "clients"), { source: 35, inserted: 32, rejected: 3 });
  assertEquals(counts(done, "sites"), { source: 33, inserted: 30, rejected: 3 });
  assert(typeof foretold.estimatedMs === "number");
});

Deno.test("migrate-kv() accounts for every source row", async () => {
  await using test = await setup({ clients: 10, badClients: 2 });

  const report = await migrate(test);

  for (const row of report.entities) {
    const { source, inserted, updated, unchanged, rejected, deferred } = row;
    assertEquals(source, inserted + updated + unchanged + rejected + deferred, row.entity);
  }
});

Deno.test("migrate-kv() changes nothing the second time", async () => {
  await using test = await setup({ clients: 10, badClients: 2 });
  await migrate(test);
  const before = await targets(test);

  const again = await migrate(test);

  assertEquals(await targets(test), before);
  assertEquals(counts(again, "clients"), { source: 12, unchanged: 10, rejected: 2 });
});

Deno.test("migrate-kv() leaves out unlisted records when asked", async () => {
  await using test = await setup({ clients: 5, unlistedClients: 2 });

  const report = await migrate(test, { unlisted: "skip" });

  assertEquals(counts(report, "clients"), { source: 7, inserted: 5, rejected: 2 });
});

Deno.test("migrate-kv() answers running when its time is over, and continues by run id", async () => {
  await using undisturbed = await setup({ clients: 400, badClients: 10 });
  await using hurried = await setup({ clients: 400, badClients: 10 }, { LANDFALL_BUDGET_MS: "1" });
  const expected = await migrate(undisturbed, { batchSize: 50 });

  let report = await migrate(hurried, { batchSize: 50 });
  assertEquals(report.state, "running");
  let calls = 1;
  for (; report.state === "running"; calls++) {
    report = await migrate(hurried, { runId: report.runId });
  }

  assert(calls > 3, `${calls} calls`);
  assertEquals(outcome(report), outcome(expected));
  assertEquals(await targets(hurried), await targets(undisturbed));
});

Deno.test("migrate-kv() leaves a completed run as it is", async () => {
  await using test = await setup();
  const report = await migrate(test);

  assertEquals(await migrate(test, { runId: report.runId }), report);
});

Deno.test("migrate-kv() streams its progress and ends with the report", async () => {
  await using test = await setup({ clients: 100 });

  const response = await test.call("migrate-kv", { batchSize: 20 }, {
    apikey: test.api.keys.secretKey,
    accept: "application/x-ndjson",
  });
  const lines = (await response.text()).trimEnd().split("\n");
  const events = lines.map((line) => StreamEvent.parse(JSON.parse(line)));

  assertEquals(response.headers.get("content-type"), "application/x-ndjson");
  assertObjectMatch(events[0]!, {
    event: "started",
    report: { runId: 1, pipeline: "kv", progress: { done: 0, total: 200 } },
  });
  assert(events.slice(1, -1).every(({ event }) => event === "progress"));
  assert(events.length > 3, `${events.length} events`);
  const last = events.at(-1)!;
  assertObjectMatch(last, { event: "report", report: { runId: 1, state: "completed" } });
});

Deno.test("migrate-kv() refuses what it cannot do, each with its own code", async () => {
  await using test = await setup();
  const refusals: [body: unknown, status: number, code: string][] = [
    ["no json", 400, "LF001"],
    [[], 400, "LF001"],
    [{ btchSize: 5 }, 400, "LF001"],
    [{ dryRun: "yes" }, 400, "LF001"],
    [{ runId: 1, limit: 5 }, 400, "LF001"],
    [{ runId: 99 }, 404, "LF201"],
    [{ batchSize: 0 }, 400, "LF203"],
    [{ onExisting: "overwrite" }, 400, "LF203"],
    [{ maxRejects: "many" }, 400, "LF203"],
    [{ ruleActions: { nope: "off" } }, 400, "LF203"],
    [{ tables: ["clinets"] }, 400, "LF204"],
    [{ tables: ["sites"] }, 409, "LF205"],
    [{ source: "public.nothing" }, 400, "LF209"],
  ];

  for (const [body, status, code] of refusals) {
    const response = await test.call("migrate-kv", body);
    const failure = await response.json();
    assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
    assertEquals(Object.keys(failure), ["code", "message", "details", "hint"]);
  }
  const [runs] = await test.sql`select count(*)::int as count from landfall.runs`;
  assertEquals(runs, { count: 0 });
});

Deno.test("migrate-kv() names an unknown field and the allowed ones (LF001)", async () => {
  await using test = await setup(null);

  const response = await test.call("migrate-kv", { btchSize: 5 });

  const { message, hint } = await response.json();
  assertEquals(message, 'Unknown field "btchSize"');
  assert(hint.includes("batchSize"));
});

Deno.test("migrate-kv() refuses a second run while one is active (LF202)", async () => {
  await using test = await setup({ clients: 400 }, { LANDFALL_BUDGET_MS: "1" });
  await migrate(test, { batchSize: 50 });

  const response = await test.call("migrate-kv");

  assertEquals(response.status, 409);
  assertObjectMatch(await response.json(), { code: "LF202" });
});

Deno.test("migrate-kv() finds no store (LF207), then one, then several (LF208)", async () => {
  await using test = await setup(null);

  const none = await test.call("migrate-kv");
  await makeStore(test.sql, { table: "kv_store_00000001", clients: 1 });
  const one = await migrate(test);
  await makeStore(test.sql, { table: "kv_store_00000002", clients: 2 });
  const several = await test.call("migrate-kv");
  const named = await migrate(test, { source: "public.kv_store_00000002" });

  assertEquals([none.status, (await none.json()).code], [404, "LF207"]);
  assertEquals(counts(one, "clients"), { source: 1, inserted: 1 });
  assertEquals([several.status, (await several.json()).code], [409, "LF208"]);
  assertEquals(counts(named, "clients"), { source: 2, inserted: 1, unchanged: 1 });
});

async function migrate({ call }: Setup, body: unknown = {}): Promise<RunReport> {
  const response = await call("migrate-kv", body);
  const reply = await response.json();
  assertEquals(response.status, 200, JSON.stringify(reply));
  return RunReport.parse(reply);
}

/** What became of the rows, without ids and times. */
function outcome({ entities, rejects, findings }: RunReport): unknown {
  return {
    entities: entities.map(({ durationMs: _time, ...rest }) => rest),
    rejects,
    findings,
  };
}

/** An entity's counts that are not zero. */
function counts(report: RunReport, entity: string): Record<string, number> {
  const { source, inserted, updated, unchanged, rejected, deferred } = report.entities
    .find((row) => row.entity === entity)!;
  const all = { source, inserted, updated, unchanged, rejected, deferred };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

async function targets({ sql }: Setup): Promise<unknown> {
  return {
    clients: await sql`select * from clients order by id`.then(withoutTimes),
    sites: await sql`select * from sites order by id`.then(withoutTimes),
  };
}

function withoutTimes(rows: Iterable<Record<string, unknown>>): unknown[] {
  return [...rows].map(({ created_at: _created, updated_at: _updated, ...row }) => row);
}

/** Every row of every table of the project, and where every sequence stands. */
async function everything({ sql }: Setup): Promise<unknown> {
  const tables = await sql`
    select format('%I.%I', schemaname, tablename) as name
    from pg_tables
    where schemaname in ('landfall', 'staging', 'public')
    order by name
  `;
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) {
    rows[name] = [
      ...await sql.unsafe(`select to_jsonb(t) as row from ${name} t order by to_jsonb(t)::text`),
    ];
  }
  const sequences =
    await sql`select schemaname, sequencename, last_value from pg_sequences order by 1, 2`;
  return { rows, sequences: [...sequences] };
}
