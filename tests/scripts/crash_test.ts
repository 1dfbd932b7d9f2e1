import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type postgres from "postgres";
import { makeStore } from "../../scripts/demo/make_store.ts";
import { type BreakableStack, startBreakableStack } from "../support/breakable_stack.ts";
import { createDatabase } from "../support/database.ts";
import { differences, type EndState, endState } from "../support/end_state.ts";
import { interruptRun } from "../support/interrupted_run.ts";
import { advance, migrate, runReport, startRun } from "../support/migration.ts";
import { randomFrom } from "../support/random_from.ts";
import { logWrites, readWriteLog } from "../support/write_log.ts";

/** Duplicate skus, employee ids and order numbers lie in different batches, as ids scatter. */
const STORE = { table: "kv_store_c0ffee00", records: 2_000, faults: { share: 0.1 } } as const;

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
    const seed = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9));
    console.log(`LANDFALL_TEST_SEED=${seed} repeats these moments`);
    const random = randomFrom(seed);

    const ways: [way: string, times: number, cut: (caller: AbortController) => unknown][] = [
      ["Postgres is killed", 7, () => stack.breakPostgres("with all others")],
      ["the first process of Postgres is killed", 5, () => stack.breakPostgres("alone")],
      ["a backend of Postgres is killed", 3, () => stack.breakBackend()],
      ["PostgREST is killed", 3, () => stack.breakPostgrest()],
      ["the function is killed", 4, () => stack.breakFunctions()],
      ["the caller goes away", 3, (caller) => caller.abort()],
    ];
    for (const [way, times, cut] of ways) {
      let hits = 0;
      for (let nth = 0; nth < times; nth++) {
        const request = PACES[nth % PACES.length]!;
        const afterMs = Math.round((nth + random()) / times * test.usualMs);
        await t.step(`${way} after ${afterMs} ms`, async () => {
          await forget(stack.sql);
          const { inTime, report } = await interruptRun(stack.target, { request, afterMs, cut });
          if (inTime) hits++;
          assertEquals(differences(test.undisturbed, await endState(stack.sql, report)), []);
        });
      }
      assertGreaterOrEqual(hits, times / 2, `${way}, but mostly when the run was over`);
    }
  },
});

Deno.test("the comparison of end states finds one planted difference", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  await makeStore(sql, STORE);
  const report = await migrate(database.as("service_role"), "kv");
  const anyOf = (table: string) => `where ctid = (select ctid from ${table} limit 1)`;
  const plants = {
    "products: 1 different": `update products set price = price + 0.01 ${anyOf("products")}`,
    "orders: 1 lost": `delete from orders ${anyOf("orders")}`,
    "catalogs: 1 new":
      "insert into catalogs (id, name, type) values (gen_random_uuid(), 'New', 'erp')",
    "lineage: 1 lost": `delete from landfall.lineage ${anyOf("landfall.lineage")}`,
    "lineage: 1 different": `update landfall.lineage set target_key = 'other' ${
      anyOf("landfall.lineage")
    }`,
    "rejects: 1 lost": `delete from landfall.rejects ${anyOf("landfall.rejects")}`,
    "rejects: 1 different":
      `update landfall.rejects set reasons = array_append(reasons, 'another') ${
        anyOf("landfall.rejects")
      }`,
  };
  for (const [difference, change] of Object.entries(plants)) {
    const before = await endState(sql, report);
    await sql.unsafe(change);
    const found = differences(before, await endState(sql, report));
    assertEquals(found.map((sentence) => sentence.replace(/ \(.*/, "")), [difference]);
  }

  const before = await endState(sql, report);
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

/** Works on a run with a batch in each transaction, until it is over. */
async function workOn(sql: postgres.Sql, runId: number): Promise<void> {
  for (let calls = 0; calls < 5_000; calls++) {
    const { state, idle } = await advance(sql, runId, 1);
    if (state !== "running") return;
    if (idle) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Run ${runId} does not end`);
}
