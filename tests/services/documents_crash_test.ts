import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { aLibrary } from "../support/library.ts";
import { moreFunctions, type Setup, setup } from "./documents_setup.ts";

/** Enough books for many batches. */
const MANY = { books: 3_000 };

async function endState(test: Setup): Promise<unknown> {
  const lineage = await test.sql`
    select entity_id, source_key, target_key, given_hash::text, stored_hash
    from landfall.lineage order by entity_id, source_key`;
  return { lineage: [...lineage], books: await test.documents("books") };
}

async function failPoint(test: Setup, mode: unknown, data: Record<string, unknown>) {
  await test.mongo.database.admin().command({ configureFailPoint: "failCommand", mode, data });
}

async function until(happened: () => Promise<boolean>): Promise<void> {
  while (!await happened()) await new Promise((resolve) => setTimeout(resolve, 20));
}

Deno.test("a server killed in the middle, and functions killed in the middle, lose nothing: the export continued ends like one undisturbed", async () => {
  await using calm = await setup();
  await aLibrary(calm.sql, MANY);
  await calm.export({ pipeline: "library", batchSize: 50 });
  const undisturbed = await endState(calm);

  await using test = await setup();
  await aLibrary(test.sql, MANY);
  const written = (most: number) => async () =>
    await test.mongo.database.collection("books").estimatedDocumentCount() > most;
  const broken = test.call("export-documents", { pipeline: "library", batchSize: 50 });
  await until(written(400));
  await test.mongo.kill();
  const { code, details } = await (await broken).json();
  assertEquals(code, "LF015", details);
  await test.mongo.start();

  {
    await using functions = await moreFunctions(test, test.mongo.url);
    const cut = functions.call("export-documents", { runId: 1 })
      .then((response) => response.body?.cancel(), () => {});
    await until(written(1_200));
    await functions.kill();
    await cut;
  }
  const [{ state }] = await test.sql`select state from landfall.runs` as [{ state: string }];
  assertEquals(state, "running");
  // as after the 30 s that a worker has for a batch
  await test.sql`
    update landfall.batches set leased_until = clock_timestamp() where leased_until is not null`;
  // nobody calls but the schedule
  const resolved = await test.call("resolve-users", { continueRuns: true });
  const { runs } = await resolved.json();

  assertEquals(runs.map((run: RunReport) => [run.runId, run.state]), [[1, "completed"]]);
  assertEquals(await endState(test), undisturbed);
  assertEquals((await test.verify("library")).state, "clean");
});

Deno.test("a server that steps down, or closes the connection, for a moment is ridden out", async () => {
  await using test = await setup({ flags: ["--enable-test-commands"] });
  await aLibrary(test.sql);
  await test.mongo.database.createCollection("authors");
  for (
    const data of [
      { failCommands: ["insert"], errorCode: 10107, errorLabels: ["RetryableWriteError"] },
      { failCommands: ["insert"], closeConnection: true },
      { failCommands: ["find", "update"], errorCode: 91 },
      { failCommands: ["createIndexes", "listIndexes"], errorCode: 189 },
      { failCommands: ["update"], writeConcernError: { code: 64, errmsg: "waiting timed out" } },
    ]
  ) {
    await test.sql`update staging.library_books set title = title || '!'`;
    await failPoint(test, { times: 2 }, data);

    const { state, rejects } = await test.export({ pipeline: "library" });

    assertEquals({ state, rejects }, { state: "completed", rejects: [] });
    await failPoint(test, "off", { failCommands: [] });
    assertEquals((await test.verify("library")).state, "clean");
  }
});

Deno.test("a server that stays away ends the call, and the run goes on at once when it is back (LF015)", async () => {
  await using test = await setup({ flags: ["--enable-test-commands"] });
  await aLibrary(test.sql);
  await failPoint(test, "alwaysOn", { failCommands: ["insert"], errorCode: 91 });

  const response = await test.call("export-documents", { pipeline: "library" });
  assertEquals([response.status, (await response.json()).code], [503, "LF015"]);
  await failPoint(test, "off", { failCommands: [] });
  const begun = performance.now();
  const { state } = await test.export({ runId: 1 });

  assertEquals(state, "completed");
  // it does not wait for the lease of the worker that gave up
  assertEquals(performance.now() - begun < 20_000, true);
  assertEquals((await test.verify("library")).state, "clean");
});

Deno.test("a majority that does not answer ends the call (LF015), and the run can be continued", async () => {
  await using test = await setup({ flags: ["--enable-test-commands"] });
  await aLibrary(test.sql);
  const writeConcernError = { code: 64, errmsg: "waiting for replication timed out" };
  await failPoint(test, "alwaysOn", { failCommands: ["insert"], writeConcernError });

  const response = await test.call("export-documents", { pipeline: "library" });
  const { code, message } = await response.json();
  assertEquals([response.status, code], [503, "LF015"]);
  assertStringIncludes(message, "no majority that confirms a write");
  await failPoint(test, "off", { failCommands: [] });

  const { state, entities } = await test.export({ runId: 1 });
  assertEquals(state, "completed");
  assertEquals(entities.map(({ inserted }) => inserted), [3, 12]);
  assertEquals((await test.verify("library")).state, "clean");
});
