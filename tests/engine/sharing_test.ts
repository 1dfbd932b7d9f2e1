import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { advance, counts, finishRun, migrate, rollBack, startRun } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./setup.ts";
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

const ID = "jsonb_build_object('id', n)";
/** What a worker is told of whom others leave nothing. */
const IDLE = { runId: 1, state: "rolling_back" as const, rows: 0, done: 0, idle: true };

Deno.test("a worker that plans keeps nobody from writing what is planned", async () => {
  await using test = await setup({
    columns: "id int primary key",
    many: { count: 25_001, row: "jsonb_build_object('id', n)" },
  });
  await startRun(test.engine, "shop");
  for (let planned = 0; planned === 0;) {
    await advance(test.engine, 1, 1);
    const [row] = await test.sql`select count(*)::int from landfall.batches`;
    planned = row!.count;
  }

  await test.engine.begin(async (planner) => {
    await planner`select landfall.advance_run(1, 1)`;
    const [row] = await planner`select max(planned_rows)::int as rows from landfall.run_entities`;
    assertEquals(row!.rows, 25_001);

    await test.engine.begin(async (writer) => {
      await writer`set local lock_timeout = '100ms'`;
      const { rows } = await advance(writer as unknown as postgres.Sql, 1, 1);
      assert(rows > 0);
    });
  });

  assertEquals(counts(await finishRun(test.engine, 1)), { source: 25_001, inserted: 25_001 });
});

Deno.test("workers verify a range each, and nothing that writes begins meanwhile", async () => {
  await using test = await migrated();
  await startRun(test.engine, "shop");
  await test.engine`select landfall.pause_run(2)`;
  await test.sql`update items set name = 'changed' where id in (7, 20000)`;
  const id = await startVerification(test.engine);
  const uncompared = async (): Promise<number> => {
    const [row] = await test.sql`
      select count(*)::int from landfall.verified_ranges
      join landfall.entities on entities.id = entity_id where name = 'items' and counts is null`;
    return row!.count;
  };
  while (await uncompared() === 0) await advanceVerification(test.engine, id);
  assertEquals(await uncompared(), 3);

  await test.engine.begin(async (one) => {
    const first = await advanceVerification(one as unknown as postgres.Sql, id);
    await test.engine.begin(async (two) => {
      const second = await advanceVerification(two as unknown as postgres.Sql, id);
      const third = await advanceVerification(test.engine, id);
      const fourth = await advanceVerification(test.engine, id);

      assertEquals([first.rows, second.rows, third.rows], [10_000, 10_000, ROWS - 20_000]);
      assertEquals([third.done, third.total], [10 + ROWS - 20_000, 10 + ROWS]);
      assertEquals(fourth, { ...fourth, rows: 0, idle: true, state: "running" });
    });
    // as a worker does that has claimed the entity just when another cut it into ranges
    await test.sql`
      select landfall.count_ranges(entity) from landfall.verified_entities as entity
      where phase = 'ranges'`;
    assertEquals(await uncompared(), 1);
    for (
      const write of [
        "landfall.resume_run(2)",
        "landfall.cancel_run(2)",
        "landfall.start_rollback(1)",
        "landfall.start_run('shop')",
      ]
    ) {
      const { code } = await refusal(test.engine.begin(async (writer) => {
        await writer`set local lock_timeout = '50ms'`;
        await writer.unsafe(`select ${write}`);
      }));
      assertEquals(code, "55P03", write);
    }
  });

  const { entities, differences } = await finishVerification(test.engine, id);
  assertEquals(entities.map(({ source, migrated }) => [source, migrated]), [[10, 10], [
    ROWS,
    ROWS,
  ]]);
  assertEquals(
    differences.map(({ kind, name, count, sample }) => [kind, name, count, sample.length]),
    [["value", "name", 2, 2]],
  );
});

Deno.test("a verification and a run under way take turns", async () => {
  await using test = await migrated();
  await startRun(test.engine, "shop", { batchSize: 1_000 });
  const id = await startVerification(test.engine);

  await test.engine.begin(async (verifier) => {
    await verifier`select landfall.advance_verification(${id}, 0)`;
    for (
      const work of ["landfall.advance_run(2, 1)", `landfall.advance_verification(${id}, 0)`]
    ) {
      const { code } = await refusal(test.engine.begin(async (other) => {
        await other`set local lock_timeout = '50ms'`;
        await other.unsafe(`select ${work}`);
      }));
      assertEquals(code, "55P03", work);
    }
  });

  assertEquals((await finishRun(test.engine, 2)).state, "completed");
  const { differences } = await finishVerification(test.engine, id);
  assertEquals(differences.map(({ kind }) => kind), ["moved"]);
});

Deno.test("a verification of a pipeline whose run has just failed shares it with nobody", async () => {
  await using test = await migrated();
  await startRun(test.engine, "shop");
  await advance(test.engine, 2, 1);
  await test.sql`update landfall.runs set state = 'failed', error = '{}' where id = 2`;
  const id = await startVerification(test.engine);

  // a worker that took a batch before it failed
  await test.engine.begin(async (worker) => {
    await worker`select landfall.advance_run(2, 1)`;
    const { code } = await refusal(test.engine.begin(async (verifier) => {
      await verifier`set local lock_timeout = '50ms'`;
      await verifier`select landfall.advance_verification(${id}, 0)`;
    }));
    assertEquals(code, "55P03");
  });

  assertEquals((await finishVerification(test.engine, id)).state, "clean");
});

Deno.test("workers undo a table each, none before the tables that refer to it", async () => {
  const child = (name: string, parent: string) => ({
    name,
    columns: `id int primary key, parent int not null references ${parent}`,
    many: { count: 40, row: "jsonb_build_object('id', n, 'parent', 1 + n % 10)" },
  });
  await using test = await setup(
    { name: "roots", columns: "id int primary key", many: { count: 10, row: ID } },
    child("lefts", "roots"),
    child("rights", "roots"),
    child("leaves", "rights"),
  );
  await migrate(test.engine, "shop");
  await test.engine`select landfall.start_rollback(1)`;
  const undo = async (sql: postgres.Sql) => (await advanceRollback(sql, 0)).rows;
  /** A worker does a step, and does not end before the others have. */
  const during = (others: () => Promise<void>) =>
    test.engine.begin(async (worker) => {
      assertEquals(await undo(worker as unknown as postgres.Sql), 40);
      await others();
    });

  // of each table it is asked first whether anything was pruned
  for (let table = 1; table <= 4; table++) assertEquals(await undo(test.engine), 0);

  // lefts and leaves have nobody who refers to them; rights has, and roots
  await during(() =>
    during(async () => {
      assertEquals(await advanceRollback(test.engine, 0), { ...IDLE, total: 130 });
    })
  );
  const reports = await Promise.all([1, 2].map(() => rollBack(test.engine, 1)));

  for (const report of reports) {
    assertEquals([report.state, deleted(report).toSorted()], ["rolled_back", [10, 40, 40, 40]]);
  }
  const [row] = await test.sql`
    select count(*) filter (where finished_at is null)::int as open from landfall.rollbacks`;
  assertEquals(row!.open, 0);
});

Deno.test("a table that is undone is committed before the next, so that others may go on", async () => {
  await using test = await migrated();
  await test.engine`select landfall.start_rollback(1)`;

  const step = await advanceRollback(test.engine, 60_000);
  assertEquals([step.state, step.rows >= ROWS], ["rolling_back", true]);
  assertEquals(await left(test), { items: 0, teams: 10, lineage: 10 });
  const [run] = await test.engine`select landfall.finish_run(1, 60000) ->> 'state' as state`;
  assertEquals(run!.state, "rolled_back");
});

Deno.test("a roll-back ends though the app has made two tables refer to each other", async () => {
  await using test = await migrated();
  await test.sql`alter table teams add first int references items`;
  await test.sql`update teams set first = 7 where id = 3`;

  const report = await rollBack(test.engine, 1, { force: true });

  assertEquals(report.state, "rolled_back");
  // person 7, whom team 3 names, is left, and the team that person is in
  assertEquals(await left(test), { items: 1, teams: 1, lineage: 2 });
});
