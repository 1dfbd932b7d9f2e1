import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type postgres from "postgres";
import { makeStore } from "../../scripts/demo/kv/make_store.ts";
import { type BreakableStack, startBreakableStack } from "../support/breakable_stack.ts";
import { createDatabase } from "../support/database.ts";
import { differences, type EndState, endState } from "../support/end_state.ts";
import { interruptRun } from "../support/interrupted_run.ts";
import { persist } from "../support/persist.ts";
import { advance, migrate, rollBack, runReport, startRun, verify } from "../support/migration.ts";
import { randomFrom } from "../support/random_from.ts";
import { logWrites, readWriteLog } from "../support/write_log.ts";

/** Duplicate skus, employee ids and order numbers lie in different batches, as ids scatter. */
const STORE = { table: "kv_store_c0ffee00", records: 2_000, faults: { share: 0.1 } } as const;

/** LANDFALL_TEST_RUNS asks for more moments: so many times as many. */
const MORE = Deno.env.get("LANDFALL_TEST_RUNS") ? 8 : 1;

/** A batch in each transaction, and as many as a second holds. */
const PACES = [
  { batchSize: 100, workers: 2, pauseMs: 1 },
  { batchSize: 100, workers: 2 },
];

Deno.test({
  name: "a run that is cut off at any moment, and continued, ends like one never disturbed",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using test = await setup();
    const { stack } = test;
    const random = seeded();
    let usualMs = test.usualMs;

    const ways: [way: string, times: number, cut: (caller: AbortController) => unknown][] = [
      ["Postgres is killed", 4, () => stack.breakPostgres("with all others")],
      ["the first process of Postgres is killed", 3, () => stack.breakPostgres("alone")],
      ["a backend of Postgres is killed", 2, () => stack.breakBackend()],
      ["PostgREST is killed", 2, () => stack.breakPostgrest()],
      ["the function is killed", 2, () => stack.breakFunctions()],
      ["the caller goes away", 2, (caller) => caller.abort()],
    ];
    for (const [way, some, cut] of ways) {
      const times = some * MORE;
      let hits = 0;
      for (let nth = 0; nth < times; nth++) {
        const request = PACES[nth % PACES.length]!;
        const afterMs = Math.round((nth + random()) / times * usualMs);
        await t.step(`${way} after ${afterMs} ms`, async () => {
          await forget(stack.sql);
          const { inTime, report } = await interruptRun(stack.target, { request, afterMs, cut });
          if (inTime) hits++;
          // the machine has got faster than it was when it was measured
          else usualMs *= 0.7;
          assertEquals(differences(test.undisturbed, await endState(stack.sql, report)), []);
          assertEquals((await verify(stack.sql, "kv")).differences, []);
        });
      }
      assertGreaterOrEqual(hits, times / 3, `${way}, but mostly when the run was over`);
    }
  },
});

Deno.test({
  name: "a roll-back and a verification, during which Postgres is killed, end like any other",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using stack = await startBreakableStack();
    const { sql } = stack;
    await makeStore(sql, STORE);
    const random = seeded();
    const timed = async (work: () => Promise<unknown>) => {
      const begun = performance.now();
      await work();
      return performance.now() - begun;
    };
    /** Does it while Postgres is killed, and again until it is done; whether it was in time. */
    const disturbed = async <Result>(work: () => Promise<Result>, afterMs: number) => {
      let ended = false;
      const working = persist(work).finally(() => ended = true);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const inTime = !ended;
      await stack.breakPostgres(random() < 0.5 ? "alone" : "with all others");
      return { inTime, result: await working };
    };
    await migrate(sql, "kv", { batchSize: 100 });
    await verify(sql, "kv");
    const verifyMs = await timed(() => verify(sql, "kv"));
    const undoMs = await timed(() => rollBack(sql, 1));

    let hits = 0;
    const times = 3 * MORE;
    for (let nth = 0; nth < times; nth++) {
      // the first at once: what was reported as completed must have reached the disk
      const moment = nth === 0 ? 0 : (nth + random()) / times;
      await t.step(`Postgres is killed at ${Math.round(moment * 100)} % of each`, async () => {
        await forget(sql);
        await persist(() => migrate(sql, "kv", { batchSize: 100 }));
        const verified = await disturbed(() => verify(sql, "kv"), moment * verifyMs);
        assertEquals(verified.result.differences, []);

        const undone = await disturbed(() => rollBack(sql, 1), moment * undoMs);
        assertEquals([undone.result.state, undone.result.leftovers], ["rolled_back", []]);
        for (const { entity, deleted } of undone.result.entities) {
          const source = verified.result.entities.find((row) => row.entity === entity)!;
          assertEquals(deleted, source.migrated, entity);
        }
        await expectNothingLeft(sql);
        hits += Number(verified.inTime) + Number(undone.inTime);
      });
    }
    assertGreaterOrEqual(hits, times / 2);
  },
});

Deno.test("the comparison of end states, and verify(), find one planted difference each", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  await makeStore(sql, STORE);
  const report = await migrate(database.as("service_role"), "kv", { batchSize: 100 });
  const anyOf = (table: string) => `where ctid = (select ctid from ${table} limit 1)`;
  const batch = `
    select source_key from landfall.lineage
    join landfall.batches using (run_id, entity_id)
    join landfall.entities on entities.id = entity_id
    where name = 'orders' and source_key between from_key and to_key
      and seq = (
        select min(seq) from landfall.batches where entity_id = entities.id and inserted > 0
      )`;
  const plants: [change: string, differences: string[], verified: string[]][] = [
    [`update products set price = price + 0.01 ${anyOf("products")}`, ["products: 1 different"], [
      "products value price",
    ]],
    [`delete from orders ${anyOf("orders")}`, ["orders: 1 lost"], ["orders lost"]],
    [
      "insert into catalogs (id, name, type) values (gen_random_uuid(), 'New', 'erp')",
      ["catalogs: 1 new"],
      ["catalogs unknown"],
    ],
    [
      "insert into orders (id, client_id, site_id, order_number, total_amount)" +
      " select gen_random_uuid(), client_id, site_id, 'again ' || order_number, total_amount" +
      ` from orders ${anyOf("orders")}`,
      ["orders: 1 new"],
      ["orders unknown"],
    ],
    [
      `delete from landfall.lineage
       where source_key = (select source_key from (${batch}) as batch limit 1)`,
      ["lineage: 1 lost"],
      ["orders unknown", "orders unmigrated"],
    ],
    [
      `update landfall.lineage set target_key = gen_random_uuid()
       where source_key = (select source_key from (${batch}) as batch limit 1)`,
      ["lineage: 1 different"],
      ["orders lost", "orders unknown"],
    ],
    [
      `with batch as (${batch}), gone as (
         delete from landfall.lineage where source_key in (select source_key from batch)
       )
       delete from orders where 'order:' || id in (select source_key from batch)`,
      ["orders: N lost", "lineage: N lost"],
      ["orders unmigrated"],
    ],
    [`delete from landfall.rejects ${anyOf("landfall.rejects")}`, ["rejects: 1 lost"], [
      "clients unmigrated",
    ]],
    [
      `update landfall.rejects set reasons = array_append(reasons, 'another') ${
        anyOf("landfall.rejects")
      }`,
      ["rejects: 1 different"],
      [],
    ],
  ];
  const before = await endState(sql, report);
  for (const [change, expected, verified] of plants) {
    await trying(sql, async (sql) => {
      await sql.unsafe(change);
      const found = differences(before, await endState(sql, report));
      assertEquals(
        found.map((sentence) => sentence.replace(/ \(.*/, "").replace(/\d{2,}/, "N")),
        expected,
      );
      const { state, differences: kinds } = await verify(sql, "kv");
      assertEquals(
        [state, kinds.map(({ entity, kind, name }) => `${entity} ${kind} ${name}`.trim())],
        [verified.length ? "different" : "clean", verified],
        change,
      );
    });
  }

  report.entities[0]!.inserted++;
  assertEquals(differences(before, await endState(sql, report)), [
    "report: 1 different (entities clients)",
  ]);
});

Deno.test("four workers never take the same batch, and end like one", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  const service = database.as("service_role");
  await makeStore(sql, STORE);
  await logWrites(sql);
  const alone = await endState(sql, await migrate(service, "kv", { batchSize: 25 }));
  await forget(sql);
  await sql`truncate write_log`;

  const { runId } = await startRun(service, "kv", { batchSize: 25 });
  await Promise.all(Array.from({ length: 4 }, () => workOn(service, runId!)));

  const report = await runReport(service, runId!);
  assertEquals(differences(alone, await endState(sql, report)), []);
  const stored = await sql<{ entity: string; source: number }[]>`
    select kv_families.entity, count(*)::int as source
    from transform.kv_families
    join transform.kv_source
      on kv_source.key like kv_families.prefix || '%' and kv_source.key <> kv_families.list
    group by kv_families.entity`;
  assertEquals(
    Object.fromEntries(report.entities.map(({ entity, source }) => [entity, source])),
    Object.fromEntries(stored.map(({ entity, source }) => [entity, source])),
  );

  const { workers, ...faults } = await readWriteLog(sql);
  assertGreaterOrEqual(workers, 2);
  assertEquals(faults, { insertedTwice: 0, finishedTwice: 0, shared: 0 });
});

interface Setup extends AsyncDisposable {
  readonly stack: BreakableStack;
  /** What a single worker left that nothing disturbed. */
  readonly undisturbed: EndState;
  /** About how long two workers take. */
  readonly usualMs: number;
}

/** A stack with a store, and what a run leaves there. */
async function setup(): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const stack = starting.use(await startBreakableStack());
  const { sql, target } = stack;
  await makeStore(sql, STORE);
  const run = async (request: Readonly<Record<string, unknown>>) => {
    await forget(sql);
    const { report } = await interruptRun(target, { request, afterMs: 0, cut: () => {} });
    return { end: await endState(sql, report), durationMs: report.durationMs! };
  };
  const alone = await run({ batchSize: 100, workers: 1 });
  const two = await run(PACES[0]!);
  assertEquals(differences(alone.end, two.end), []);
  assert(alone.end.rejects!.size > 50);
  const running = starting.move();
  return {
    stack,
    undisturbed: alone.end,
    usualMs: Math.min(alone.durationMs, two.durationMs),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Empties the targets and forgets all runs. */
async function forget(sql: postgres.Sql): Promise<void> {
  await sql`
    truncate clients, catalogs, sites, products, employees, orders,
      landfall.runs, landfall.lineage, landfall.deferred cascade`;
}

/** Nothing of a run that was rolled back is there any more. */
async function expectNothingLeft(sql: postgres.Sql): Promise<void> {
  const [left] = await sql`
    select
      (select count(*)::int from landfall.lineage) as lineage,
      (select count(*)::int from landfall.changes) as changes,
      (select count(*)::int from clients) + (select count(*)::int from catalogs)
        + (select count(*)::int from sites) + (select count(*)::int from products)
        + (select count(*)::int from employees) + (select count(*)::int from orders) as rows`;
  assertEquals({ ...left }, { lineage: 0, changes: 0, rows: 0 });
}

/** Does something and takes it back. */
async function trying(
  sql: postgres.Sql,
  work: (sql: postgres.Sql) => Promise<void>,
): Promise<void> {
  const end = Symbol();
  await sql.begin(async (transaction) => {
    await work(transaction as unknown as postgres.Sql);
    throw end;
  }).catch((error) => {
    if (error !== end) throw error;
  });
}

/** Random moments, which the seed that is printed repeats. */
function seeded(): () => number {
  const seed = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9));
  console.log(`LANDFALL_TEST_SEED=${seed} repeats these moments`);
  return randomFrom(seed);
}

/** Works on a run with a batch in each transaction, until it is over. */
async function workOn(sql: postgres.Sql, runId: number): Promise<void> {
  for (let calls = 0; calls < 5_000; calls++) {
    const { state, idle } = await advance(sql, runId, 1);
    if (state !== "running") return;
    if (idle) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Run ${runId} does not end`);
}
