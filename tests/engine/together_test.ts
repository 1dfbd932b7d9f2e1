import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { AdvanceReport, VerificationAdvance } from "../../supabase/functions/_shared/replies.ts";
import {
  finishRun,
  migrate,
  rollBack,
  type RollbackReport,
  startRun,
  type VerificationReport,
  verify,
} from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";

/** More rows than a batch of a roll-back holds, and than two ranges of a verification. */
const ROWS = 20_500;

const ID = "jsonb_build_object('id', n)";
/** What a worker is told of whom others leave nothing. */
const IDLE = { runId: 1, state: "rolling_back" as const, rows: 0, done: 0, idle: true };

/** Teams, and more people than one batch undoes, migrated. */
async function migrated(): Promise<Setup> {
  const test = await setup({
    name: "teams",
    many: { count: 10, row: "jsonb_build_object('id', n, 'name', 'Team ' || n)" },
  }, {
    columns: "id int primary key, name text not null, team int not null references teams",
    many: {
      count: ROWS,
      row: "jsonb_build_object('id', n, 'name', 'Name ' || n, 'team', n % 10 + 1)",
    },
  });
  await migrate(test.engine, "shop");
  return test;
}

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

Deno.test("workers verify a table each, and nothing that writes begins meanwhile", async () => {
  await using test = await migrated();
  await startRun(test.engine, "shop");
  await test.engine`select landfall.pause_run(2)`;
  const id = await startVerification(test.engine);

  await test.engine.begin(async (teams) => {
    const [first] = await teams`select landfall.advance_verification(${id}, 0) as report`;
    await test.engine.begin(async (items) => {
      const [second] = await items`select landfall.advance_verification(${id}, 0) as report`;
      const third = await advanceVerification(test.engine, id);

      assertEquals([first!.report.rows, first!.report.idle], [10, false]);
      assertEquals([second!.report.rows, second!.report.idle], [10_000, false]);
      assertEquals(third, { ...third, rows: 0, idle: true, state: "running" });
    });
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

  assertEquals((await finishVerification(test.engine, id)).state, "clean");
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

function deleted(report: RollbackReport): number[] {
  return report.entities.map(({ deleted }) => deleted);
}

async function left({ sql }: Setup): Promise<Record<string, number>> {
  const [row] = await sql`
    select
      (select count(*)::int from items) as items,
      (select count(*)::int from teams) as teams,
      (select count(*)::int from landfall.lineage) as lineage`;
  return { ...row };
}

async function advanceRollback(sql: postgres.Sql, budgetMs = 1): Promise<AdvanceReport> {
  const [row] = await sql`select landfall.advance_rollback(1, ${budgetMs}) as report`;
  return AdvanceReport.parse(row!.report);
}

async function startVerification(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select landfall.start_verification('shop') as report`;
  return row!.report.verificationId;
}

/** Compares one range, or one table as a whole. */
async function advanceVerification(sql: postgres.Sql, id: number): Promise<VerificationAdvance> {
  const [row] = await sql`select landfall.advance_verification(${id}, 0) as report`;
  return VerificationAdvance.parse(row!.report);
}

async function finishVerification(sql: postgres.Sql, id: number): Promise<VerificationReport> {
  while ((await advanceVerification(sql, id)).state === "running");
  const [row] = await sql`select landfall.verification_report(${id}) as report`;
  return row!.report;
}
