import { assertEquals, assertObjectMatch } from "@std/assert";
import { type Setup, setup } from "./setup.ts";

/** Calls that end before the run does. */
const HURRIED = { LANDFALL_BUDGET_MS: "1" };

Deno.test("pause() stops a run, and migrate() continues it to the end", async () => {
  await using test = await setup({ clients: 300 }, HURRIED);
  await reply(test, "migrate-kv", { batchSize: 10 });

  const paused = await reply(test, "pause", { runId: 1 });
  const again = await reply(test, "pause", { runId: 1 });
  let report = await reply(test, "migrate", { runId: 1 });
  while (report.state === "running") report = await reply(test, "migrate", { runId: 1 });

  assertObjectMatch(paused, { runId: 1, state: "paused" });
  assertEquals(again.state, "paused");
  assertObjectMatch(report, {
    state: "completed",
    entities: [{ entity: "clients", source: 300, inserted: 300 }],
  });
});

Deno.test("cancel() gives up a run for good and leaves what it wrote", async () => {
  await using test = await setup({ clients: 300 }, HURRIED);
  await reply(test, "migrate-kv", { batchSize: 10 });

  const cancelled = await reply(test, "cancel", { runId: 1 });
  const [clients] = await test.sql`select count(*)::int as rows from clients`;

  assertEquals(cancelled.state, "cancelled");
  assertEquals(clients!.rows, cancelled.entities[0].inserted);
  assertEquals((await reply(test, "cancel", { runId: 1 })).state, "cancelled");
  assertEquals((await reply(test, "migrate-kv", { limit: 1 })).runId, 2);
});

Deno.test("migrate() leaves a run that is paused as it is with unlessStopped", async () => {
  await using test = await setup({ clients: 300 }, HURRIED);
  await reply(test, "migrate-kv", { batchSize: 10 });
  const running = await reply(test, "migrate-kv", { runId: 1, unlessStopped: true });
  await reply(test, "pause", { runId: 1 });

  const paused = await reply(test, "migrate", { runId: 1, unlessStopped: true });
  await reply(test, "cancel", { runId: 1 });
  const cancelled = await reply(test, "migrate-kv", { runId: 1, unlessStopped: true });

  assertEquals([running.state, paused.state, cancelled.state], ["running", "paused", "cancelled"]);
  assertEquals(running.progress.done < paused.progress.total, true);
});

Deno.test("pause() and cancel() refuse what cannot be", async () => {
  await using test = await setup({ clients: 5 });
  await reply(test, "migrate-kv");
  const refusals: [body: unknown, status: number, code: string][] = [
    [{}, 400, "LF001"],
    [{ runId: null }, 400, "LF001"],
    [{ runId: 1, pipeline: "kv" }, 400, "LF001"],
    [{ runId: 0 }, 400, "LF203"],
    [{ runId: 99 }, 404, "LF201"],
    [{ runId: 1 }, 409, "LF206"],
  ];

  for (const name of ["pause", "cancel"]) {
    for (const [body, status, code] of refusals) {
      const response = await test.call(name, body);
      const failure = await response.json();
      assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
    }
  }
});

Deno.test("pause() says that it needs a run (LF001)", async () => {
  await using test = await setup(null);

  const response = await test.call("pause");

  assertObjectMatch(await response.json(), {
    message: "runId must be a whole number of at least 1: it is missing",
    hint: "It has no usual value: give one.",
  });
});

Deno.test("migrate() takes unlessStopped only with a run to continue (LF001)", async () => {
  await using test = await setup(null);

  const response = await test.call("migrate", { pipeline: "kv", unlessStopped: true });

  assertObjectMatch(await response.json(), {
    code: "LF001",
    message: "unlessStopped needs a run to continue",
  });
});

// deno-lint-ignore no-explicit-any
async function reply(test: Setup, name: string, body: unknown = {}): Promise<any> {
  const response = await test.call(name, body);
  const reply = await response.json();
  assertEquals(response.status, 200, JSON.stringify(reply));
  return reply;
}
