import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { VerificationReport } from "../../supabase/functions/_shared/replies.ts";
import { type Setup, setup } from "./setup.ts";

/** Calls that end before the work does. */
const HURRIED = { LANDFALL_BUDGET_MS: "1" };

Deno.test("verify() finds a pipeline and a run clean after a migration", async () => {
  await using test = await setup({ clients: 20, badClients: 2 });
  await reply(test, "migrate-kv");

  const pipeline = await reply(test, "verify", { pipeline: "kv", requestedBy: "Ann" });
  const run = await reply(test, "verify", { runId: 1, tables: ["clients"] });

  assertObjectMatch(pipeline, { runId: null, state: "clean", requestedBy: "Ann" });
  assertEquals(pipeline.differences, []);
  assertEquals(pipeline.progress, { done: 40, total: 40 });
  assertObjectMatch(run, { verificationId: 2, runId: 1, state: "clean" });
  assertEquals(run.entities.map(({ entity }) => entity), ["clients"]);
});

Deno.test("verify() finds what was changed, lost and added since", async () => {
  await using test = await setup({ clients: 20 });
  await reply(test, "migrate-kv");
  await test.sql`update clients set name = 'Someone' where client_code = 'C3'`;
  await test.sql`delete from sites where slug = 'site-4'`;
  await test.sql`
    insert into sites (id, client_id, name, slug)
    select gen_random_uuid(), id, 'New', 'new' from clients where client_code = 'C1'`;

  const report = await reply(test, "verify", { pipeline: "kv" });
  const allowed = await reply(test, "verify", { pipeline: "kv", allowUnknown: true });

  assertEquals(report.state, "different");
  assertEquals(found(report), ["clients value name 1", "sites lost  1", "sites unknown  1"]);
  assertObjectMatch(report.differences[0]!.sample[0]!, {
    sourceKey: "client:00000001-0000-4000-8000-000000000003",
    expected: "Client 3",
    actual: "Someone",
  });
  assertEquals(found(allowed), ["clients value name 1", "sites lost  1"]);
});

Deno.test("verify() shows as many samples of a kind as it is asked for", async () => {
  await using test = await setup({ clients: 20 });
  await reply(test, "migrate-kv");
  await test.sql`update clients set name = 'Someone'`;

  const { differences } = await reply(test, "verify", { pipeline: "kv", samples: 2 });

  assertEquals(differences.map(({ count, sample }) => [count, sample.length]), [[20, 2]]);
});

Deno.test("verify() streams its progress and ends with the report", async () => {
  await using test = await setup({ clients: 50 });
  await reply(test, "migrate-kv");

  const events = await test.stream("verify", { pipeline: "kv" });

  assertObjectMatch(events[0]!, {
    event: "started",
    report: { verificationId: 1, state: "running", progress: { done: 0, total: 100 } },
  });
  assert(events.length > 2);
  assert(events.slice(1, -1).every(({ event }) => event === "progress"));
  assertObjectMatch(events.at(-2)!, { progress: { state: "clean", done: 100, total: 100 } });
  assertObjectMatch(events.at(-1)!, { event: "report", report: { state: "clean" } });
});

Deno.test("verify() answers running when its time is over, and continues by its id", async () => {
  await using test = await setup({ clients: 50 }, HURRIED);
  let run = await (await test.call("migrate-kv")).json();
  while (run.state === "running") run = await (await test.call("migrate-kv", { runId: 1 })).json();
  await test.sql`update clients set name = 'Someone' where client_code = 'C3'`;

  let report = await reply(test, "verify", { pipeline: "kv" });
  const first = report;
  let calls = 1;
  for (; report.state === "running"; calls++) report = await reply(test, "verify", continued);
  const again = await reply(test, "verify", continued);

  assertEquals([first.state, first.finishedAt], ["running", null]);
  assert(calls > 3, `${calls} calls`);
  assertEquals(found(report), ["clients value name 1"]);
  assertEquals(report.entities.find(({ entity }) => entity === "clients")!.migrated, 50);
  assertEquals(again, report);
});

Deno.test("verify() is continued by the next caller when the first has gone", async () => {
  await using test = await setup({ clients: 300 });
  await reply(test, "migrate-kv");
  const caller = new AbortController();
  // somebody alters the table: the verification has begun and cannot end
  const app = await test.sql.reserve();
  await app`begin`;
  await app`lock table sites`;
  const response = await fetch(`${test.api.url}/functions/v1/verify`, {
    method: "POST",
    headers: { apikey: test.api.keys.secretKey, accept: "application/x-ndjson" },
    body: JSON.stringify({ pipeline: "kv" }),
    signal: caller.signal,
  });
  await response.body!.getReader().read();

  caller.abort();
  await app`rollback`;
  app.release();
  const report = await reply(test, "verify", continued);

  assertEquals(report.state, "clean");
  assertEquals(report.progress, { done: 600, total: 600 });
});

Deno.test("verify() refuses what it cannot do, each with its own code", async () => {
  await using test = await setup({ clients: 3 });
  await reply(test, "migrate-kv");
  const refusals: [body: unknown, status: number, code: string][] = [
    [{}, 400, "LF001"],
    [{ samples: 3 }, 400, "LF001"],
    [{ pipeline: "kv", runId: 1 }, 400, "LF001"],
    [{ pipeline: "kv", confirm: true }, 400, "LF001"],
    [{ verificationId: 1, pipeline: "kv" }, 400, "LF001"],
    [{ verificationId: 1, samples: 3 }, 400, "LF001"],
    [{ pipeline: "nope" }, 404, "LF101"],
    [{ runId: 99 }, 404, "LF201"],
    [{ pipeline: "kv", samples: 0 }, 400, "LF203"],
    [{ pipeline: "kv", samples: 101 }, 400, "LF203"],
    [{ pipeline: "kv", tables: ["clinets"] }, 400, "LF204"],
    [{ verificationId: 99 }, 404, "LF502"],
  ];

  for (const [body, status, code] of refusals) {
    const response = await test.call("verify", body);
    const failure = await response.json();
    assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
    assertEquals(Object.keys(failure), ["code", "message", "details", "hint"]);
  }

  await reply(test, "rollback", { runId: 1, confirm: true });
  const gone = await test.call("verify", { runId: 1 });
  assertEquals([gone.status, (await gone.json()).code], [409, "LF501"]);
});

Deno.test("verify() says in a sentence what is missing, or too much (LF001)", async () => {
  await using test = await setup(null);
  const says = async (body: unknown) => (await (await test.call("verify", body)).json()).message;

  assertEquals(
    [
      await says({}),
      await says({ pipeline: "kv", runId: 1 }),
      await says({ verificationId: 1, runId: 1 }),
    ],
    [
      "pipeline is missing: name the pipeline to verify, or a run",
      "pipeline cannot be given with a run, which has its own: name one of them",
      "runId cannot be given with a verification to continue: it keeps its own",
    ],
  );
});

/** The request that continues the only verification. */
const continued = { verificationId: 1 };

function found({ differences }: VerificationReport): string[] {
  return differences.map(({ entity, kind, name, count }) => `${entity} ${kind} ${name} ${count}`);
}

async function reply(test: Setup, name: string, body: unknown = {}): Promise<VerificationReport> {
  const response = await test.call(name, body);
  const reply = await response.json();
  assertEquals(response.status, 200, JSON.stringify(reply));
  return name === "verify" ? VerificationReport.parse(reply) : reply;
}
