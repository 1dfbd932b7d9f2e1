import { assertEquals } from "@std/assert";
import { finishRun, migrate, rollBack, startRun, verify } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import {
  advanceRollback,
  advanceVerification,
  deleted,
  finishVerification,
  left,
  migrated,
  ROWS,
  startVerification,
} from "./teams.ts";

Deno.test("start_rollback() by two at once is one roll-back, of which both do a part", async () => {
  await using test = await migrated();

  const reports = await Promise.all([1, 2].map(() => rollBack(test.engine, 1)));

  for (const report of reports) {
    assertEquals([report.state, ...deleted(report)], ["rolled_back", ROWS, 10]);
  }
  assertEquals(await left(test), { items: 0, teams: 0, lineage: 0 });
});

Deno.test("start_rollback() of two runs at once leaves one of them waiting (LF202)", async () => {
  await using test = await migrated();
  await test.sql`update staging.shop_items set row = row || '{"name": "Other"}'`;
  await migrate(test.engine, "shop");

  const outcomes = await Promise.allSettled(
    [1, 2].map((runId) =>
      test.engine`select landfall.start_rollback(${runId}, '{"anyOrder": true}')`
    ),
  );

  const [refused, ...more] = outcomes.filter(({ status }) => status === "rejected");
  assertEquals([(refused as PromiseRejectedResult).reason.code, more], ["LF202", []]);
});

Deno.test("start_run() is refused while a run is rolled back (LF202), and a roll-back while it runs (LF206)", async () => {
  await using test = await migrated();
  await test.engine`select landfall.start_rollback(1)`;
  await advanceRollback(test.engine);

  const start = await refusal(startRun(test.engine, "shop"));
  assertEquals(start.code, "LF202");
  assertEquals((await refusal(test.engine`select landfall.dry_run('shop')`)).code, "LF202");

  await rollBack(test.engine, 1);
  await startRun(test.engine, "shop");
  const both = await Promise.all([
    refusal(test.engine`select landfall.start_rollback(2)`),
    finishRun(test.engine, 2),
  ]);
  assertEquals(both[0].code, "LF206");
  assertEquals((await verify(test.engine, "shop")).state, "clean");
});

Deno.test("a run that starts at the very moment of a roll-back either waits or is waited for", async () => {
  await using test = await migrated();

  const [run, back] = await Promise.allSettled([
    startRun(test.engine, "shop"),
    test.engine`select landfall.start_rollback(1)`,
  ]);

  const refused = [run, back].filter(({ status }) => status === "rejected");
  assertEquals(refused.map((each) => (each as PromiseRejectedResult).reason.code), ["LF202"]);
  const [active] = await test.sql`
    select count(*)::int as runs
    from landfall.runs join landfall.run_states on run_states.name = state
    where active`;
  assertEquals(active!.runs, 1);
});

Deno.test("verify() by two at once gives both the same, of a sound target and of a damaged one", async () => {
  await using test = await migrated();

  const sound = await Promise.all([verify(test.engine, "shop"), verify(test.engine, 1)]);
  assertEquals(sound.map(({ state }) => state), ["clean", "clean"]);

  await test.sql`update items set name = 'x' where id in (7, 20300)`;
  const damaged = await Promise.all([1, 2, 3].map(() => verify(test.engine, "shop")));
  for (const report of damaged) {
    assertEquals(report.differences.map(({ kind, name, count }) => [kind, name, count]), [
      ["value", "name", 2],
    ]);
  }
});

Deno.test("advance_verification() by several callers compares every range once", async () => {
  await using test = await migrated();
  const verificationId = await startVerification(test.engine);

  await Promise.all([1, 2, 3].map(() => finishVerification(test.engine, verificationId)));

  const report = await finishVerification(test.engine, verificationId);
  assertEquals(report.state, "clean");
  const people = report.entities.find(({ entity }) => entity === "items")!;
  assertEquals([people.source, people.migrated], [ROWS, ROWS]);
});

Deno.test("verify() while a run goes on holds nobody up, and the run ends as ever", async () => {
  await using test = await migrated();
  await rollBack(test.engine, 1);
  await startRun(test.engine, "shop", { batchSize: 1_000 });

  let running = true;
  const [run] = await Promise.all([
    finishRun(test.engine, 2).finally(() => running = false),
    (async () => {
      while (running) await verify(test.engine, "shop");
    })(),
  ]);

  assertEquals(run.state, "completed");
  const report = await verify(test.engine, "shop");
  assertEquals([report.state, report.differences], ["clean", []]);
});

Deno.test("a roll-back during a verification is finished, and the verification tells of it", async () => {
  await using test = await migrated();
  const verificationId = await startVerification(test.engine);
  await advanceVerification(test.engine, verificationId);
  await advanceVerification(test.engine, verificationId);

  const [undone, verified] = await Promise.all([
    rollBack(test.engine, 1),
    finishVerification(test.engine, verificationId),
  ]);

  assertEquals([undone.state, ...deleted(undone)], ["rolled_back", ROWS, 10]);
  assertEquals(await left(test), { items: 0, teams: 0, lineage: 0 });
  // what it saw is not of one time
  assertEquals(verified.state, "different");
  assertEquals(verified.differences.some(({ kind }) => kind === "moved"), true);
  const after = await verify(test.engine, "shop");
  assertEquals(after.differences.map(({ entity, kind, count }) => [entity, kind, count]), [
    ["teams", "unmigrated", 10],
    ["items", "unmigrated", ROWS],
  ]);
});

Deno.test("a verification of a run that is rolled back meanwhile is refused (LF501)", async () => {
  await using test = await migrated();
  const [row] = await test.engine`select landfall.start_verification(null, 1) as report`;
  const { verificationId } = row!.report;
  await advanceVerification(test.engine, verificationId);
  await rollBack(test.engine, 1);

  const { code } = await refusal(
    test.engine`select landfall.advance_verification(${verificationId}, 0)`,
  );

  assertEquals(code, "LF501");
});
