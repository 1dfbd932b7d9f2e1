import { assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import { account } from "../../scripts/demo/kv/account.ts";
import { checkSummary } from "../../scripts/demo/kv/check_summary.ts";
import { makeStore, type StoreOptions } from "../../scripts/demo/kv/make_store.ts";
import { runDemo } from "../../scripts/demo/kv/run_demo.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { startApi } from "../support/stack.ts";
import { runScript } from "./run_script.ts";

/** Makes a store and says what is in it. */
async function storeOf({ sql }: TestDatabase, options: StoreOptions) {
  await makeStore(sql, options);
  return await account(sql, options.table);
}

Deno.test("makeStore() gives the same store for the same options", async () => {
  await using database = await createDatabase();
  const faults = { share: 0.05 };

  const one = await storeOf(database, { table: "kv_store_00000001", records: 1_000, faults });
  const two = await storeOf(database, { table: "kv_store_00000002", records: 1_000, faults });
  const clean = await storeOf(database, { table: "kv_store_00000003", records: 1_000 });

  assertEquals(one, two);
  assertNotEquals(one.fingerprint, clean.fingerprint);
});

Deno.test("makeStore() fills a clean store with as many keys as asked", async () => {
  await using database = await createDatabase();

  const { keys, lists, others, entities } = await storeOf(database, {
    table: "kv_store_00000001",
    records: 2_000,
  });

  assertEquals({ keys, lists, others }, { keys: 2_000, lists: 6, others: 0 });
  const records = Object.fromEntries(entities.map(({ entity, records }) => [entity, records]));
  assertEquals(records, {
    clients: 10,
    catalogs: 5,
    sites: 20,
    products: 1_000,
    employees: 400,
    orders: 559,
  });
});

for (const kind of ["check", "cast", "duplicate", "parent"] as const) {
  Deno.test(`makeStore() spoils one record in ten: ${kind}`, async () => {
    await using database = await createDatabase();
    const { sql } = database;
    await makeStore(sql, { table: "kv_store_00000001", records: 1_000 });

    await makeStore(sql, {
      table: "kv_store_00000002",
      records: 1_000,
      faults: { kind, oneIn: 10 },
    });

    const [spoiled] = await sql`
      select count(*)::int as records
      from kv_store_00000001 as clean
      join kv_store_00000002 as store using (key)
      where store.value <> clean.value
    `;
    assertEquals(spoiled!.records, 50 + 20 + 28);
  });
}

Deno.test("runDemo() accounts for every key, and its dry run tells the run", async () => {
  await using database = await createDatabase();
  await using api = await startApi(database);
  const printed: string[] = [];

  const summary = await runDemo({
    sql: database.sql,
    target: { url: api.url, secretKey: api.keys.secretKey },
    records: 2_000,
    limitMs: 100,
    width: 100,
    print: (line) => printed.push(line),
  });

  assertEquals(checkSummary(summary), []);
  const { before, after, run, comparisons } = summary;
  assertEquals(before.entities.map(({ rows }) => rows), [0, 0, 0, 0, 0, 0]);
  const migrated = after.entities.reduce((sum, { rows }) => sum + rows, 0);
  const rejected = run.entities.reduce((sum, entity) => sum + entity.rejected, 0);
  assertEquals(after.keys, migrated + rejected + after.lists + after.others);
  assertGreater(rejected, 0);
  assertEquals(new Set(run.findings.map(({ finding }) => finding)).size, 3);
  assertEquals(comparisons.length, 4);
  assertEquals(printed.some((line) => line.includes("undefined")), false);
});

Deno.test("checkSummary() says what does not add up", async () => {
  await using database = await createDatabase();
  await using api = await startApi(database);
  const summary = await runDemo({
    sql: database.sql,
    target: { url: api.url, secretKey: api.keys.secretKey },
    records: 500,
    limitMs: 1,
    width: 100,
    print: () => {},
  });
  const lost = summary.after.entities.map((each) => ({ ...each, rows: each.rows - 1 }));

  const wrong = checkSummary({
    ...summary,
    after: { ...summary.after, entities: lost, fingerprint: "another" },
    again: summary.run,
    verification: { ...summary.verification, state: "different" },
    undo: {
      ...summary.undo,
      entities: summary.undo.entities.map((each) => ({ ...each, deleted: each.deleted + 1 })),
    },
  });

  assertEquals(wrong.length, 6 + 2 + 1 + 6);
});

Deno.test("demo says which demos there are", async () => {
  for (const args of [["--fast"], ["jobs", "kv"]]) {
    const { code, stderr } = await runScript("demo.ts", args, {});

    assertEquals([code, stderr.trim()], [
      2,
      `There is no demo ${args.join(" ")}: there are kv, jobs`,
    ]);
  }
});
