import { assertEquals } from "@std/assert";
import { counts, finishRun, migrate, outcome, startRun } from "../support/migration.ts";
import { setup } from "./setup.ts";

Deno.test("a clean source is written row by row, with lineage for each", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 2 });
  assertEquals(await test.rows(), [{ id: 1, name: "a" }, { id: 2, name: "b" }]);
  const lineage = await test.sql`
    select source_key, target_key, run_id::int, adopted from landfall.lineage order by 1`;
  assertEquals([...lineage], [
    { source_key: "r0001", target_key: "1", run_id: 1, adopted: false },
    { source_key: "r0002", target_key: "2", run_id: 1, adopted: false },
  ]);
});

Deno.test("an empty source is a run that is over at once", async () => {
  await using test = await setup();

  const report = await test.migrate();

  assertEquals([report.state, report.progress], ["completed", { done: 0, total: 0 }]);
  assertEquals(counts(report), {});
});

Deno.test("batches of any size end alike", async () => {
  const row = `jsonb_build_object(
    'id', n, 'name', case n % 9 when 0 then null else 'Name ' || n end)`;
  await using one = await setup({ many: { count: 130, row } });
  const expected = outcome(await migrate(one.engine, "shop"));

  for (const batchSize of [1, 64, 65, 129, 130, 131]) {
    await using test = await setup({ many: { count: 130, row } });
    assertEquals(outcome(await migrate(test.engine, "shop", { batchSize })), expected);
    const [batches] = await test.sql`
      select count(*)::int as count, sum(source)::int as source, bool_and(done) as done
      from landfall.batches`;
    assertEquals(batches, { count: Math.ceil(130 / batchSize), source: 130, done: true });
  }
});

Deno.test("more than 25,000 rows are planned in stretches, none left out", async () => {
  await using test = await setup({
    columns: "id int primary key",
    many: { count: 60_500, row: "jsonb_build_object('id', n)" },
  });

  const report = await migrate(test.engine, "shop", { batchSize: 20_000 });

  assertEquals(counts(report), { source: 60_500, inserted: 60_500 });
});

Deno.test("a report tells who asked, with which options, and how long it took", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  const options = { batchSize: 5, requestedBy: "ada", pauseMs: 1, workers: 2 };

  const planned = await startRun(test.engine, "shop", options);
  const report = await finishRun(test.engine, 1);

  assertEquals([planned.state, planned.startedAt, planned.durationMs], ["planned", null, 0]);
  assertEquals([report.options, report.requestedBy], [options, "ada"]);
  assertEquals(Date.parse(report.startedAt!) <= Date.parse(report.finishedAt!), true);
  assertEquals(report.entities[0]!.state, "done");
});
