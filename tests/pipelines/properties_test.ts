import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type postgres from "postgres";
import { type AppEdit, arbitraryAppEdit, editAsApp } from "../support/app_edits.ts";
import { arbitraryRecord, type StoredRecord } from "../support/arbitrary_store.ts";
import { createDatabase } from "../support/database.ts";
import {
  dryRun,
  migrate,
  outcome,
  rollBack,
  type RunOptions,
  type VerificationReport,
  verify,
} from "../support/migration.ts";

const TARGETS = ["clients", "catalogs", "sites", "products", "employees", "orders"];
const RUNS = Deno.env.get("LANDFALL_TEST_RUNS");
const SEED = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9));

/** As many cases as LANDFALL_TEST_RUNS says, or what about fifteen seconds hold. */
const SETTINGS = RUNS
  ? { numRuns: Number(RUNS) }
  : { numRuns: 24, interruptAfterTimeLimit: 15_000 };

/** What happens to a store and its targets, one after the other. */
type Step =
  | { readonly put: readonly StoredRecord[]; readonly remove: readonly number[] }
  | { readonly app: AppEdit }
  | { readonly run: RunOptions };

/** A target's rows as text, by table and id. */
type Rows = ReadonlyMap<string, string>;

const CLIENT = "client:aaaaaaaa-0000-4000-8000-000000000001";
const UNREADABLE = JSON.stringify('{"name": "\\u0000"}');

/** Stores that once stopped a run, or were told otherwise than they are. */
const FOUND: [StoredRecord[]][] = [
  // no text of Postgres holds it: neither its own row nor the lists may stop for it
  [[{ key: CLIENT, value: UNREADABLE }, { key: "clients:all", value: '["x"]' }]],
  [[{ key: "clients:all", value: UNREADABLE }]],
  [[{ key: "clients:all", value: "[null]" }]],
  // longer than an index takes
  [[{
    key: CLIENT,
    value: JSON.stringify({
      name: "Acme",
      client_code: Array.from({ length: 2_000 }, (_, n) => (n * 7919 % 46_649).toString(36)).join(),
    }),
  }]],
];

const records = (maxLength: number) =>
  fc.uniqueArray(arbitraryRecord(), { selector: ({ key }) => key, minLength: 1, maxLength });

Deno.test("kv: whatever the store holds is migrated, accounted for, verified, and taken back", async () => {
  await using test = await setup();
  const { sql, engine } = test;
  const property = fc.asyncProperty(records(40), async (records) => {
    await put(sql, records);

    const rehearsed = await dryRun(engine, "kv");
    assertEquals(await test.rows(), new Map());
    const report = await migrate(engine, "kv");
    assertEquals(outcome(report), outcome(rehearsed));
    assertEquals(report.state, "completed");
    for (const what of ["kv", 1]) {
      const { state, differences } = await verify(engine, what);
      assertEquals([state, differences], ["clean", []]);
    }

    const migrated = await test.rows();
    const again = await migrate(engine, "kv");
    for (const { entity, inserted, updated } of again.entities) {
      assertEquals({ inserted, updated }, { inserted: 0, updated: 0 }, entity);
    }
    assertEquals(await test.rows(), migrated);

    for (const runId of [2, 1]) assertEquals((await rollBack(engine, runId)).leftovers, []);
    await test.expectNothingLeft();
  });
  await fc.assert(property.beforeEach(test.reset), { seed: SEED, examples: FOUND, ...SETTINGS });
});

Deno.test("kv: whatever happens between runs is explained, and each run taken back alone", async () => {
  await using test = await setup();
  const { sql, engine } = test;
  const property = fc.asyncProperty(records(20), arbitrarySteps(), async (first, steps) => {
    await put(sql, first);
    const touched: string[] = [];
    const runs: { id: number; before: Rows; touchedBefore: number }[] = [];
    const all: readonly Step[] = [{ run: {} }, ...steps];
    for (const step of all) {
      if ("put" in step) {
        await put(sql, step.put);
        await remove(sql, step.remove);
      } else if ("app" in step) {
        touched.push(...await editAsApp(sql, step.app));
      } else if (await hasRecords(sql)) {
        const before = await test.rows();
        const rehearsed = await dryRun(engine, "kv", step.run);
        const report = await migrate(engine, "kv", step.run);
        assertEquals(outcome(report), outcome(rehearsed));
        assertEquals(report.state, "completed");
        runs.push({ id: report.runId!, before, touchedBefore: touched.length });
        const verified = await verify(engine, "kv", { samples: 100 });
        const left = await test.leftovers(report.runId!, "prune");
        assertEquals(
          await unexplained(sql, verified, new Set(touched), step.run.prune ? left : undefined),
          [],
        );
      }
    }

    const left = new Set<string>();
    for (const { id, before, touchedBefore } of runs.reverse()) {
      const since = new Set(touched.slice(touchedBefore));
      const report = await rollBack(engine, id);
      // what a newer run has left is there still
      for (const row of await test.leftovers(id, "rollback")) left.add(row);
      if (since.size === 0) assertEquals(report.leftovers, []);
      assertEquals(
        changed(before, await test.rows()).filter((row) => !since.has(row) && !left.has(row)),
        [],
      );
    }
    if (touched.length === 0) await test.expectNothingLeft();
  });
  await fc.assert(property.beforeEach(test.reset), { seed: SEED, ...SETTINGS });
});

/** Some edits of the store and of the targets, and runs between them. */
function arbitrarySteps(): fc.Arbitrary<Step[]> {
  const edit = fc.record({ put: records(8), remove: fc.array(fc.nat(99), { maxLength: 6 }) });
  const run = fc.record({
    run: fc.record({
      prune: fc.boolean(),
      onExisting: fc.constantFrom("reject", "keep", "update"),
      batchSize: fc.constantFrom(2, 5, 100),
    }, { requiredKeys: [] }),
  });
  const app = fc.record({ app: arbitraryAppEdit() });
  return fc.array(
    fc.oneof(
      { weight: 2, arbitrary: edit },
      { weight: 2, arbitrary: run },
      { weight: 1, arbitrary: app },
    ),
    { minLength: 2, maxLength: 8 },
  );
}

/** A database that each case begins with empty. */
async function setup() {
  console.log(`LANDFALL_TEST_SEED=${SEED} repeats these stores`);
  const database = await createDatabase();
  const { sql } = database;
  const rows = async (): Promise<Rows> => {
    const found = await sql.unsafe(
      TARGETS.map((name) => `select '${name} ' || id as key, t::text as row from ${name} as t`)
        .join(" union all "),
    );
    return new Map(found.map(({ key, row }) => [key, row]));
  };
  return {
    sql,
    engine: database.as("service_role"),
    rows,
    reset: async () => {
      await sql`
        truncate staging.kv_store, clients, catalogs, sites, products, employees, orders,
          landfall.runs, landfall.lineage, landfall.deferred, landfall.verifications cascade`;
    },
    /** The target rows that a run could not prune, or a roll-back not take back. */
    leftovers: async (runId: number, occasion: string): Promise<ReadonlySet<string>> => {
      const found = await sql`
        select entities.name || ' ' || target_key as row
        from landfall.leftovers
        join landfall.entities on entities.id = leftovers.entity_id
        where run_id = ${runId} and occasion = ${occasion}`;
      return new Set(found.map(({ row }) => row));
    },
    expectNothingLeft: async () => {
      assertEquals(await rows(), new Map());
      const [books] = await sql`
        select
          (select count(*)::int from landfall.lineage) as lineage,
          (select count(*)::int from landfall.changes) as changes,
          (select count(*)::int from landfall.rejects where settled_by is null) as rejects`;
      assertEquals({ ...books }, { lineage: 0, changes: 0, rejects: 0 });
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Puts records into the store, over what is there. */
async function put(sql: postgres.Sql, records: readonly StoredRecord[]): Promise<void> {
  const text = 1009;
  await sql`
    insert into staging.kv_store
    select key, value::jsonb
    from unnest(
      ${sql.array(records.map(({ key }) => key), text)}::text[],
      ${sql.array(records.map(({ value }) => value), text)}::text[]
    ) as records (key, value)
    on conflict (key) do update set value = excluded.value`;
}

/** Deletes records by their place in the store, as far as it goes. */
async function remove(sql: postgres.Sql, places: readonly number[]): Promise<void> {
  const keys = await sql`select key from staging.kv_store order by key collate "C"`;
  for (const place of new Set(places.map((place) => place % keys.length))) {
    await sql`delete from staging.kv_store where key = ${keys[place]!.key}`;
  }
}

async function hasRecords(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql`select exists (select from staging.kv_store) as has`;
  return row!.has;
}

/** The differences for which neither the app nor a vanished key accounts. */
async function unexplained(
  sql: postgres.Sql,
  { differences }: VerificationReport,
  touched: ReadonlySet<string>,
  left: ReadonlySet<string> | undefined,
): Promise<unknown[]> {
  const keys = new Set((await sql`select key from staging.kv_store`).map(({ key }) => key));
  return differences.flatMap(({ entity, kind, name, count, sample }) => {
    assert(sample.length === count);
    return sample.filter(({ sourceKey, targetKey }) => {
      const row = `${entity} ${targetKey}`;
      if (kind === "vanished") return keys.has(sourceKey) || left && !left.has(row);
      return !["value", "lost", "changed", "unknown"].includes(kind) || !touched.has(row);
    }).map((item) => ({ entity, kind, name, ...item }));
  });
}

function changed(before: Rows, after: Rows): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key));
}
