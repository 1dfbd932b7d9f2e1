import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { makeStore } from "../../scripts/demo/make_store.ts";
import { type BreakableStack, startBreakableStack } from "../support/breakable_stack.ts";
import { createDatabase } from "../support/database.ts";
import { differences, type EndState, endState } from "../support/end_state.ts";
import { interruptRun } from "../support/interrupted_run.ts";
import { advance, finishRun, migrate, runReport, startRun } from "../support/migration.ts";
import { randomFrom } from "../support/random_from.ts";

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
      ["Postgres is killed", 5, () => stack.breakPostgres("with all others")],
      ["the first process of Postgres is killed", 4, () => stack.breakPostgres("alone")],
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
          await test.forget();
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
    "employees: 1 lost": `delete from employees ${anyOf("employees where id not in (
      select employee_id from orders where employee_id is not null)")}`,
    "catalogs: 1 new": "insert into catalogs (id, name, type) values (default, 'New', 'erp')",
    "lineage: 1 lost": `delete from landfall.lineage ${anyOf("landfall.lineage")}`,
    "lineage: 1 different":
      `update landfall.lineage set target_key = 'other' ${anyOf("landfall.lineage")}`,
    "rejects: 1 lost": `delete from landfall.rejects ${anyOf("landfall.rejects")}`,
    "rejects: 1 different":
      `update landfall.rejects set reasons = reasons || 'another' ${anyOf("landfall.rejects")}`,
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
  const alone = await endState(sql, await migrate(service, "kv", { batchSize: 25 }));
  await forget(sql);
  await logWrites(sql);

  const { runId } = await startRun(service, "kv", { batchSize: 25 });
  await Promise.all(Array.from({ length: 4 }, () => finishRun(service, runId!, 1)));

  const report = await runReport(service, runId!);
  assertEquals(differences(alone, await endState(sql, report)), []);
  const [written] = await sql`
    with events as (
      select
        log.*,
        lag(operation, 1, 'DELETE') over (partition by id order by nth) <> operation as in_turn
      from write_log as log
    ),

    -- what is decided again in order, when all batches are done
    batches as (
      select batches.*
      from landfall.batches
      join landfall.entities on entities.id = batches.entity_id
      where entities.name = 'products'
        and batches.seq < (select min(seq) from landfall.batches as back
          where back.entity_id = entities.id and back.source < 0)
    )

    select
      count(distinct pid)::int as workers,
      bool_and(in_turn) as in_turn,
      ...
    from events`;
});

interface Setup extends AsyncDisposable {
  readonly stack: BreakableStack;
  /** What a single worker left that nothing disturbed. */
  readonly undisturbed: EndState;
  /** How long two workers take, undisturbed. */
  readonly usualMs: number;
  /** Empties the targets and forgets all runs. */
  forget(): Promise<void>;
}
