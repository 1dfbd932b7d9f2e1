import { assertEquals, assertObjectMatch, assertStringIncludes } from "@std/assert";
import { StatusReport } from "../../supabase/functions/_shared/replies.ts";
import { advance, counts, finishRun, migrate, startRun } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("a run moves only along the ways that are listed (LF206)", async () => {
  await using test = await setup();
  const transitions = await test.sql`select from_state, to_state from landfall.run_transitions`;
  const allowed = new Set(
    transitions.map(({ from_state, to_state }) => `${from_state} ${to_state}`),
  );
  const states = (await test.sql`select name from landfall.run_states`).map(({ name }) => name);
  await startRun(test.engine, "shop");

  for (const from of states) {
    for (const to of states) {
      await test.sql`
        update landfall.runs
        set state = ${from}, started_at = now(), error = '{"code": "LF211", "message": "many"}'
        where id = 1`;
      const move = test.sql`select landfall.move_run(1, ${to}, '{"code": "LF211"}')`;
      if (from === to || allowed.has(`${from} ${to}`)) await move;
      else assertEquals((await refusal(move, `${from} to ${to}`)).code, "LF206");
    }
  }
});

Deno.test("a run that is nowhere is refused by every call (LF201)", async () => {
  await using test = await setup();
  const calls = ["advance_run", "resume_run", "pause_run", "cancel_run", "run_report"];

  for (const call of calls) {
    for (const id of ["99", "-1", "null"]) {
      const { code } = await refusal(test.engine.unsafe(`select landfall.${call}(${id})`), call);
      assertEquals(code, "LF201", `${call}(${id})`);
    }
  }
});

Deno.test("start_run() refuses a second run while one is active, whatever its state (LF202)", async () => {
  await using test = await big();
  const second = () => refusal(startRun(test.engine, "shop"));
  await startRun(test.engine, "shop", { batchSize: 10 });

  const refused = [(await second()).code];
  await advance(test.engine, 1);
  refused.push((await second()).code);
  await test.engine`select landfall.pause_run(1)`;
  const { code, message, hint } = await second();
  await test.engine`select landfall.cancel_run(1)`;
  const next = await startRun(test.engine, "shop");

  assertEquals([...refused, code], ["LF202", "LF202", "LF202"]);
  assertStringIncludes(message, "run 1");
  assertStringIncludes(hint, "landfall.cancel_run(1)");
  assertEquals(next.runId, 2);
});

Deno.test("two callers who start a pipeline at once get one run between them (LF202)", async () => {
  await using test = await big();

  const started = await Promise.allSettled(
    Array.from({ length: 4 }, () => startRun(test.engine, "shop")),
  );

  const codes = started.map((one) => one.status === "fulfilled" ? "run" : one.reason.code);
  assertEquals(codes.sort(), ["LF202", "LF202", "LF202", "run"]);
});

Deno.test("a paused run rests until it is resumed, and ends as if it had not paused", async () => {
  await using test = await big();
  await startRun(test.engine, "shop", { batchSize: 10 });
  while ((await advance(test.engine, 1, 1)).done < 30);

  const [paused] = await test.engine`select landfall.pause_run(1) as report`;
  const { rows, state } = await advance(test.engine, 1);
  await test.engine`select landfall.resume_run(1)`;
  const report = await finishRun(test.engine, 1);

  assertObjectMatch(paused!.report, { state: "paused", progress: { done: 30, total: 100 } });
  assertEquals([rows, state], [0, "paused"]);
  assertEquals(counts(report), { source: 100, inserted: 90, rejected: 10 });
});

Deno.test("a cancelled run stays as it is, and cannot be resumed (LF206)", async () => {
  await using test = await big();
  await startRun(test.engine, "shop", { batchSize: 10 });
  while ((await advance(test.engine, 1, 1)).done < 30);

  await test.engine`select landfall.cancel_run(1)`;
  const { rows, state } = await advance(test.engine, 1);
  const { code } = await refusal(test.engine`select landfall.resume_run(1)`);
  const next = await test.migrate();

  assertEquals([rows, state, code], [0, "cancelled", "LF206"]);
  assertEquals(counts(next), { source: 100, inserted: 63, unchanged: 27, rejected: 10 });
});

Deno.test("a completed run stays as it is, however often it is advanced or resumed", async () => {
  await using test = await big();
  const report = await migrate(test.engine, "shop");

  await advance(test.engine, 1);
  const [resumed] = await test.engine`select landfall.resume_run(1) as report`;
  const { code } = await refusal(test.engine`select landfall.pause_run(1)`);

  assertEquals([resumed!.report, code], [report, "LF206"]);
});

Deno.test("a run whose rejects exceed the number allowed fails, and can go on (LF211)", async () => {
  await using test = await big();

  const failed = await migrate(test.engine, "shop", { batchSize: 20, maxRejects: 3 });
  await test.sql`
    update staging.shop_items set row = row || '{"name": "mended"}' where row ->> 'name' is null`;
  await test.engine`select landfall.resume_run(1)`;
  const report = await finishRun(test.engine, 1);

  assertObjectMatch(failed, {
    state: "failed",
    error: { code: "LF211" },
    progress: { done: 40, total: 100 },
  });
  assertEquals(failed.finishedAt !== null, true);
  assertEquals([report.state, report.error], ["completed", null]);
  assertEquals(counts(report), { source: 100, inserted: 96, rejected: 4 });
});

Deno.test("a run whose rejects exceed the share allowed fails (LF211)", async () => {
  await using test = await big();

  const most = await migrate(test.engine, "shop", { batchSize: 20, maxRejects: "10%" });
  const more = await migrate(test.engine, "shop", { maxRejects: "9.5%", batchSize: 20 });

  assertEquals([most.state, more.state], ["completed", "failed"]);
  assertEquals(more.error?.code, "LF211");
});

Deno.test("a run reports its progress at every step", async () => {
  await using test = await big();
  const { progress } = await startRun(test.engine, "shop", { batchSize: 10 });
  const seen = [progress.done];
  let state = "running";
  while (state === "running") {
    const step = await advance(test.engine, 1, 1);
    assertEquals([step.runId, step.total], [1, 100]);
    seen.push(step.done);
    state = step.state;
  }

  assertEquals([...new Set(seen)], [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
});

Deno.test("status() shows the pipelines, what is migrated, and the last ten runs", async () => {
  await using test = await big();
  for (let run = 1; run <= 11; run++) await migrate(test.engine, "shop", { limit: 10 });

  const [all] = await test.engine`select landfall.status() as report`;
  const [one] = await test.engine`select landfall.status('shop') as report`;
  const { code } = await refusal(test.engine`select landfall.status('nope')`);

  const { pipelines } = StatusReport.parse(one!.report);
  assertEquals(all!.report.pipelines.map(({ pipeline }: { pipeline: string }) => pipeline), [
    "crm",
    "hyperpage",
    "jobs",
    "kv",
    "shop",
    "tracker",
  ]);
  assertEquals(pipelines[0]!.entities, [
    { entity: "items", target: "public.items", migrated: 9, openRejects: 1, deferred: 0 },
  ]);
  assertEquals(pipelines[0]!.runs.map(({ runId }) => runId), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  assertEquals(code, "LF101");
});

/** A hundred rows, of which each tenth lacks its name. */
function big(): Promise<Setup> {
  return setup({
    many: {
      count: 100,
      row: "jsonb_build_object('id', n, 'name', case when n % 10 > 0 then 'Name ' || n end)",
    },
  });
}

Deno.test("forget_runs() leaves the target rows, and nothing of the runs; not of an active one (LF202)", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2 }] });
  await test.migrate();
  await startRun(test.engine, "shop");
  const { code } = await refusal(test.engine`select landfall.forget_runs('shop')`);
  await test.engine`select landfall.cancel_run(2)`;

  await test.engine`select landfall.forget_runs('shop')`;

  assertEquals(code, "LF202");
  assertEquals(await test.rows(), [{ id: 1, name: "a" }]);
  for (const table of ["runs", "lineage", "rejects", "batches"]) {
    const [row] = await test.sql`select count(*)::int as rows from landfall.${test.sql(table)}`;
    assertEquals([table, row!.rows], [table, 0]);
  }
});
