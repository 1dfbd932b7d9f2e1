import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { makeStore } from "../../scripts/demo/kv/make_store.ts";
import { createDatabase } from "../support/database.ts";
import { migrate, type RunOptions } from "../support/migration.ts";
import { runScenarios } from "./scenarios.ts";

runScenarios({
  pipeline: "kv",
  targets: ["clients", "catalogs", "sites", "products", "employees", "orders"],
  stage: (sql) =>
    makeStore(sql, { table: "kv_store_1a2b3c4d", records: 1_500, faults: { share: 0.1 } }),
});

const CLIENT = "11111111-1111-4111-8111-111111111111";
const CATALOG = "22222222-2222-4222-8222-222222222222";
const PRODUCT = "33333333-3333-4333-8333-333333333333";
const SITE = "44444444-4444-4444-8444-444444444444";
const ORDER = "55555555-5555-4555-8555-555555555555";

/** A small store: each record beside what is needed for it to pass. */
async function setup(records: Record<string, postgres.JSONValue> = {}) {
  const database = await createDatabase();
  const { sql } = database;
  const all = {
    [`client:${CLIENT}`]: { name: "Acme" },
    [`catalogs:${CATALOG}`]: { name: "Spring", type: "manual" },
    [`gift:${PRODUCT}`]: { catalogId: CATALOG, sku: "A-1", name: "Cup", price: 4.5 },
    [`site:${SITE}`]: { client_id: CLIENT, name: "Shop", slug: "shop" },
    ...records,
  };
  for (const [key, value] of Object.entries(all)) {
    await sql`insert into staging.kv_store values (${key}, ${JSON.stringify(value)}::text::jsonb)`;
  }
  return {
    sql,
    migrate: (options?: RunOptions) => migrate(database.as("service_role"), "kv", options),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

Deno.test("kv: text is trimmed and empty text is null, at every depth", async () => {
  await using test = await setup({
    [`gift:${PRODUCT}`]: {
      catalogId: CATALOG,
      sku: " A-1\t",
      name: "  Vase of river clay ",
      description: "  ",
      price: " 4.50 ",
      features: [" light ", "", { note: " \n" }],
      images: [],
    },
  });

  await test.migrate();

  const [product] = await test.sql`
    select sku, name, description, price, features, images from products`;
  assertEquals({ ...product }, {
    sku: "A-1",
    name: "Vase of river clay",
    description: null,
    price: "4.50",
    features: ["light", null, { note: null }],
    images: [],
  });
});

Deno.test("kv: a record that was encoded twice is decoded", async () => {
  await using test = await setup({
    [`client:${CLIENT}`]: JSON.stringify({ name: "Twice", status: "inactive" }),
  });

  await test.migrate();

  const [client] = await test.sql`select name, status from clients`;
  assertEquals({ ...client }, { name: "Twice", status: "inactive" });
});

Deno.test("kv: an order without a number gets the same one in every run", async () => {
  const order = { client_id: CLIENT, site_id: SITE, gift_id: PRODUCT, total_amount: 10 };
  const numbers: string[] = [];
  for (const _ of [1, 2]) {
    await using test = await setup({ [`order:${ORDER}`]: order });
    await test.migrate();
    const [row] = await test.sql`select order_number from orders`;
    numbers.push(row!.order_number);
  }
  assertEquals(numbers, ["ORD-5555555555554555", "ORD-5555555555554555"]);
});

Deno.test("kv: a status that names an event must have its time", async () => {
  const order = { client_id: CLIENT, site_id: SITE, total_amount: 10, status: "shipped" };
  await using test = await setup({ [`order:${ORDER}`]: order });

  const { rejects } = await test.migrate();

  assertEquals(rejects.map(({ reason }) => reason), ["status names an event that has no time"]);
});

Deno.test("kv: missing, unlisted and unclaimed keys are found and stop nothing", async () => {
  const lost = "99999999-9999-4999-8999-999999999999";
  await using test = await setup({ "clients:all": [lost], "session:abc": { userId: 1 } });

  const { findings, entities } = await test.migrate({ tables: ["clients"] });

  assertEquals(
    findings.map(({ finding, count, sample }) => ({ finding, count, sample })),
    [
      { finding: "missing", count: 1, sample: [`client:${lost}`] },
      { finding: "unclaimed", count: 1, sample: ["session:abc"] },
      { finding: "unlisted", count: 1, sample: [`client:${CLIENT}`] },
    ],
  );
  assertEquals(entities[0]!.inserted, 1);
});

Deno.test("kv: unlisted records are rejected when the run says so", async () => {
  await using test = await setup({ "clients:all": [] });

  const { rejects } = await test.migrate({
    tables: ["clients"],
    ruleActions: { unlisted: "reject" },
  });

  assertEquals(rejects.map(({ reason, count }) => [reason, count]), [
    ["a record stands in no list", 1],
  ]);
});

Deno.test("kv: a product is active when its status says so", async () => {
  await using test = await setup();
  await test.migrate();
  const [before] = await test.sql`select status, is_active from products`;
  const gone = { catalogId: CATALOG, sku: "A-1", name: "Cup", price: 4.5, status: "discontinued" };
  await test.sql`
    update staging.kv_store set value = ${test.sql.json(gone)} where key = ${`gift:${PRODUCT}`}`;

  const { entities } = await test.migrate();

  const [after] = await test.sql`select status, is_active from products`;
  assertEquals({ ...before }, { status: "active", is_active: true });
  assertEquals({ ...after }, { status: "discontinued", is_active: false });
  assertEquals(entities.find(({ entity }) => entity === "products")!.updated, 1);
});

Deno.test("kv: a list is no record, though it shares the prefix of some", async () => {
  await using test = await setup({ "catalogs:all": [CATALOG], "clients:all": [CLIENT] });

  const { entities, rejects } = await test.migrate();

  const catalogs = entities.find(({ entity }) => entity === "catalogs")!;
  assertEquals([catalogs.source, catalogs.inserted, rejects], [1, 1, []]);
});

Deno.test("kv: a value that is no record is rejected, whatever it is", async () => {
  const values: postgres.JSONValue[] = [null, 5, true, "text", "{not json", [], ["a"], "[1]", ""];
  for (const value of values) {
    await using test = await setup({ [`client:${CLIENT}`]: value });

    const { entities, rejects } = await test.migrate({ tables: ["clients"] });

    const text = JSON.stringify(value);
    assertEquals([entities[0]!.source, entities[0]!.rejected], [1, 1], text);
    const expected = value === "{not json"
      ? "the row: invalid input syntax for type json"
      : "the value is not a record";
    assertEquals(rejects.some(({ reason }) => reason === expected), true, text);
  }
});

Deno.test("kv: a key without a usable id is rejected, and names the id", async () => {
  await using test = await setup({ "client:": { name: "None" }, "client:7": { name: "Seven" } });

  const { rejects } = await test.migrate({ tables: ["clients"] });

  assertEquals(rejects.map(({ reason, sample }) => [reason, sample]), [
    ["id: invalid input syntax for type uuid", ["client:", "client:7"]],
  ]);
});

Deno.test("kv: another id in the value than in the key is remarked on", async () => {
  await using test = await setup({ [`client:${CLIENT}`]: { id: SITE, name: "Acme" } });

  const { findings } = await test.migrate({ tables: ["clients"] });

  assertEquals(findings.find(({ finding }) => finding === "other_id")?.sample, [
    `client:${CLIENT}`,
  ]);
  const [client] = await test.sql`select id from clients`;
  assertEquals(client!.id, CLIENT);
});

Deno.test("kv: a record with faults lists them all, in words without values", async () => {
  await using test = await setup({
    [`gift:${PRODUCT}`]: { catalogId: SITE, name: "x", price: -1, availableQuantity: "many" },
  });

  const { rejects } = await test.migrate();

  assertEquals(rejects.map(({ reason }) => reason).sort(), [
    "available_quantity: invalid input syntax for type integer",
    "catalog_id has no row in public.catalogs",
    "name is shorter than two characters",
    "price is negative",
    "sku is missing",
  ]);
});

Deno.test("kv: the store is only read", async () => {
  await using test = await setup();
  const digest = () =>
    test.sql`select md5(string_agg(s::text, '' order by key)) from staging.kv_store s`;
  const before = await digest();

  await test.migrate();

  assertEquals(await digest(), before);
});
