import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { makeStore } from "../../scripts/demo/kv/make_store.ts";
import { createDatabase } from "../support/database.ts";
import { differences, endState } from "../support/end_state.ts";
import {
  advance,
  dryRun,
  migrate,
  outcome,
  runReport,
  startRun,
  verify,
} from "../support/migration.ts";
import { randomFrom } from "../support/random_from.ts";

const STORE = { table: "kv_store_0ddba11e", records: 2_000 } as const;

Deno.test("kv: a store that changes while it is migrated is caught up with by the next run, and no more", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  const engine = database.as("service_role");
  await makeStore(sql, STORE);
  const seed = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9));
  console.log(`LANDFALL_TEST_SEED=${seed} repeats these changes`);
  const random = randomFrom(seed);

  await startRun(engine, "kv", { batchSize: 50 });
  let edits = 0;
  while ((await advance(engine, 1, 1)).state === "running") await edit(sql, ++edits, random);
  assert(edits >= 20, `${edits} edits only`);
  const first = await runReport(engine, 1);
  assertEquals(first.state, "completed");

  const behind = await lag(sql);
  const before = await verify(engine, "kv");
  const rehearsed = await dryRun(engine, "kv", { prune: true });
  const second = await migrate(engine, "kv", { prune: true });
  assertEquals(outcome(second), outcome(rehearsed));
  const [pruned] = await sql`
    select coalesce(sum(pruned), 0)::int as rows from landfall.run_entities where run_id = 2`;
  const wrote = {
    inserted: sum(second.entities.map(({ inserted }) => inserted)),
    updated: sum(second.entities.map(({ updated }) => updated)),
    pruned: pruned!.rows,
  };

  // exactly what the first run had not met: by the store's own record of its changes, and by verify
  assertEquals(wrote, behind);
  assert(Math.min(...Object.values(wrote)) > 0, JSON.stringify(wrote));
  const found = (kind: string) =>
    sum(before.differences.filter((each) => each.kind === kind).map(({ count }) => count));
  assertEquals([found("unmigrated"), found("vanished")], [behind.inserted, behind.pruned]);
  assertEquals((await verify(engine, "kv")).differences, []);

  const third = await migrate(engine, "kv", { prune: true });
  for (const { entity, inserted, updated } of third.entities) {
    assertEquals({ inserted, updated }, { inserted: 0, updated: 0 }, entity);
  }
  await using fresh = await createDatabase();
  await copyStore(sql, fresh.sql);
  const atOnce = await endState(fresh.sql, await migrate(fresh.as("service_role"), "kv"));
  const caughtUp = await endState(sql, third);
  const targets = Object.keys(atOnce).filter((name) => name !== "report");
  for (const name of targets) {
    assertEquals(differences({ [name]: atOnce[name]! }, { [name]: caughtUp[name]! }), []);
  }
});

/** Changes, deletes and adds records of the store, as an app that goes on writing does. */
async function edit(sql: postgres.Sql, nth: number, random: () => number): Promise<void> {
  const store = sql(STORE.table);
  const some = (family: string, count: number) =>
    sql`
      (
        select key from ${store} where key like ${`${family}:%`}
        order by md5(key || ${random()}) limit ${count}
      )`;
  await sql`
    update ${store} set value = value || ${sql.json({ price: nth, name: `Edit ${nth}` })}
    where key in ${some("gift", 3)}`;
  await sql`
    update ${store} set value = value || ${sql.json({ notes: `Edit ${nth}` })}
    where key in ${some("order", 2)}`;
  await sql`delete from ${store} where key in ${some("order", 2)}`;
  await sql`
    insert into ${store}
    select
      'gift:' || gen_random_uuid(),
      value || jsonb_build_object('sku', 'NEW-' || ${nth}::int || '-' || row_number() over ())
    from ${store} where key in ${some("gift", 2)}`;
}

/** What the targets lack, by comparing the store with the columns that are edited. */
async function lag(sql: postgres.Sql): Promise<Record<string, number>> {
  const [row] = await sql`
    with store as (select key, value from ${sql(STORE.table)}),
    rows as (
      select 'gift:' || id as key, price::text as edited from products
      union all
      select 'order:' || id, coalesce(notes, '') from orders
    ),
    records as (
      select
        key,
        case when key like 'gift:%' then (value ->> 'price')::numeric(10,2)::text
          else coalesce(value ->> 'notes', '') end as edited
      from store
      where key like any ('{gift:%,order:%}')
    )
    select
      count(*) filter (where rows.key is null)::int as inserted,
      count(*) filter (where records.edited <> rows.edited)::int as updated,
      count(*) filter (where records.key is null)::int as pruned
    from records
    full join rows on rows.key = records.key`;
  return { ...row };
}

async function copyStore(from: postgres.Sql, to: postgres.Sql): Promise<void> {
  const records = await from`select key, value::text as value from ${from(STORE.table)}`;
  const text = 1009;
  await to`
    insert into staging.kv_store
    select key, value::jsonb
    from unnest(
      ${to.array(records.map(({ key }) => key), text)}::text[],
      ${to.array(records.map(({ value }) => value), text)}::text[]
    ) as records (key, value)`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
