import { assertEquals, assertObjectMatch } from "@std/assert";
import { setup } from "./setup.ts";

Deno.test("status() lists pipelines with their entities and runs", async () => {
  await using test = await setup({ clients: 2, badClients: 1 });
  await test.call("migrate-kv");

  const response = await test.call("status", "");
  const { pipelines } = await response.json();

  const kv = pipelines.find(({ pipeline }: { pipeline: string }) => pipeline === "kv");
  assertObjectMatch(kv.entities[0], { entity: "clients", migrated: 2, openRejects: 1 });
  assertObjectMatch(kv.runs[0], { runId: 1, state: "completed" });
});

Deno.test("status() reports one run in full", async () => {
  await using test = await setup({ clients: 2 });
  const run = await test.call("migrate-kv");

  const response = await test.call("status", { runId: 1 });

  assertEquals(await response.json(), await run.json());
});

Deno.test("status() refuses what it does not know", async () => {
  await using test = await setup(null);
  const refusals: [body: unknown, status: number, code: string][] = [
    [{ pipeline: "nope" }, 404, "LF101"],
    [{ runId: 1 }, 404, "LF201"],
    [{ runId: 1, pipeline: "kv" }, 400, "LF001"],
    [{ run: 1 }, 400, "LF001"],
  ];

  for (const [body, status, code] of refusals) {
    const response = await test.call("status", body);
    const failure = await response.json();
    assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
  }
});
