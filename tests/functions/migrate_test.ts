import { assertEquals, assertObjectMatch } from "@std/assert";
import { setup } from "./setup.ts";

Deno.test("migrate() runs a pipeline by its name", async () => {
  await using test = await setup({ clients: 3 });

  const response = await test.call("migrate", { pipeline: "kv", limit: 2 });

  assertObjectMatch(await response.json(), {
    runId: 1,
    pipeline: "kv",
    state: "completed",
    entities: [{ entity: "clients", source: 2 }],
  });
});

Deno.test("migrate() needs a pipeline or a run (LF001), both of which must exist", async () => {
  await using test = await setup();
  await test.call("migrate", { pipeline: "kv" });
  const refusals: [body: unknown, status: number, code: string][] = [
    [{}, 400, "LF001"],
    [{ pipeline: "" }, 400, "LF203"],
    [{ pipeline: "nope" }, 404, "LF101"],
    [{ pipeline: "nope", dryRun: true }, 404, "LF101"],
    [{ runId: 99 }, 404, "LF201"],
    [{ pipeline: "nope", runId: 1 }, 400, "LF001"],
  ];

  for (const [body, status, code] of refusals) {
    const response = await test.call("migrate", body);
    const failure = await response.json();
    assertEquals([response.status, failure.code], [status, code], JSON.stringify(body));
  }
});

Deno.test("migrate() does not continue a run that was cancelled (LF206)", async () => {
  await using test = await setup({ clients: 300 }, { LANDFALL_BUDGET_MS: "1" });
  await test.call("migrate", { pipeline: "kv", batchSize: 10 });
  await test.sql`select landfall.cancel_run(1)`;

  const response = await test.call("migrate", { runId: 1 });

  assertEquals([response.status, (await response.json()).code], [409, "LF206"]);
});

Deno.test("migrate() takes POST only (LF004)", async () => {
  await using test = await setup(null);

  for (const method of ["GET", "PUT", "DELETE"]) {
    const response = await fetch(`${test.api.url}/functions/v1/migrate`, {
      method,
      headers: { apikey: test.api.keys.secretKey },
    });
    assertEquals([response.status, (await response.json()).code], [405, "LF004"], method);
  }
});

Deno.test("migrate() says what is wrong with its settings (LF006)", async () => {
  await using test = await setup({}, { LANDFALL_BUDGET_MS: "150000" });

  const response = await test.call("migrate", { pipeline: "kv" });

  assertEquals([response.status, (await response.json()).code], [500, "LF006"]);
});

Deno.test("migrate() says that the engine is missing (LF009)", async () => {
  await using test = await setup(null);
  await test.sql`drop function landfall.start_run`;
  await test.sql`notify pgrst, 'reload schema'`;

  const response = await test.call("migrate", { pipeline: "kv" });

  assertEquals([response.status, (await response.json()).code], [503, "LF009"]);
});
