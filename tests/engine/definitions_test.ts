import { assertEquals, assertStringIncludes } from "@std/assert";
import { aTransform } from "../support/builders.ts";
import { counts, outcome } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("define_pipeline() refuses a name that is no lower case word (LF102)", async () => {
  await using test = await setup();

  for (const name of ["", "Shop", "a-b", "1st", "é", "a".repeat(41), null]) {
    const { code, message } = await refusal(
      test.sql`select landfall.define_pipeline(${name}, 'About it')`,
    );
    assertEquals(code, "LF102", String(name));
    assertStringIncludes(message, "not a lower case word");
  }
});

Deno.test("define_pipeline() refuses a description that is missing (LF102)", async () => {
  await using test = await setup();

  const { code } = await refusal(test.sql`select landfall.define_pipeline('other', null)`);

  assertEquals(code, "LF102");
});

Deno.test("define_pipeline() refuses a source view that is not there (LF102)", async () => {
  await using test = await setup();

  const { code, message } = await refusal(
    test.sql`select landfall.define_pipeline('other', 'About it', 'transform.nope')`,
  );

  assertEquals(code, "LF102");
  assertStringIncludes(message, "transform.nope");
});

Deno.test("define_pipeline() refuses a pattern without a source, or a broken one (LF102)", async () => {
  await using test = await setup();

  const alone = await refusal(
    test.sql`select landfall.define_pipeline('other', 'About it', source_pattern => '^kv_')`,
  );
  const broken = await refusal(
    test.sql`select landfall.define_pipeline('other', 'About it', 'transform.shop_items', '(')`,
  );

  assertEquals([alone.code, broken.code], ["LF102", "LF102"]);
});

Deno.test("define_pipeline() changes the pipeline of that name", async () => {
  await using test = await setup();

  await test.sql`select landfall.define_pipeline('shop', 'Another text')`;

  const pipelines = await test.sql`
    select name, description from landfall.pipelines where name not in ('kv', 'jobs', 'hyperpage', 'crm', 'tracker')`;
  assertEquals([...pipelines], [{ name: "shop", description: "Another text" }]);
});

Deno.test("define_entity() refuses what does not fit its table, and says what (LF103)", async () => {
  const faults: [sql: string, says: string][] = [
    ["drop view transform.shop_items", "there is no view transform.shop_items"],
    ["drop table public.items cascade", "there is no table public.items"],
    ["alter table public.items drop constraint items_pkey", "has no primary key"],
    [view("key as source_key, 1 as id, 'a' as name"), "lacks source_key text or source_row jsonb"],
    [view("row as source_row, 1 as id, 'a' as name"), "lacks source_key text or source_row jsonb"],
    [
      view("key::varchar as source_key, row as source_row, 1 as id, 'a' as name"),
      "lacks source_key text or source_row jsonb",
    ],
    [
      view("key as source_key, row::text as source_row, 1 as id, 'a' as name"),
      "lacks source_key text or source_row jsonb",
    ],
    [
      view(`${KEYS}, 1 as id, 'a' as name, 2 as colour`),
      "has a column colour that public.items lacks",
    ],
    [view(`${KEYS}, 1 as id`), "lacks column name, which public.items requires"],
    [view(`${KEYS}, 'a' as name`), "lacks column id, which public.items requires"],
    [view(`${KEYS}, 'x'::text as id, 'a' as name`), 'column "id" is of type integer'],
    [view(`${KEYS}, array[1] as id, 'a' as name`), 'column "id" is of type integer'],
    [
      "alter table public.items add column twice int generated always as (id * 2) stored;" +
      view(`${KEYS}, 1 as id, 'a' as name, 2 as twice`),
      "has a column twice",
    ],
  ];

  await using test = await setup();
  for (const [sql, says] of faults) {
    const { code, message } = await refusal(defineAfter(test, sql), sql);
    assertEquals(code, "LF103", sql);
    assertStringIncludes(message, says);
  }
});

Deno.test("define_entity() refuses a waiting_for that is no text (LF103)", async () => {
  await using test = await setup();

  for (const column of ["1 as waiting_for"]) {
    const sql = view(`${KEYS}, 1 as id, 'a' as name, ${column}`);
    assertEquals((await refusal(defineAfter(test, sql), column)).code, "LF103");
  }
});

Deno.test("define_entity() refuses names and pipelines it does not know (LF101, LF103)", async () => {
  await using test = await setup();

  const nowhere = await refusal(test.sql`
    select landfall.define_entity('nope', 'items', 'public.items')`);
  const named = await refusal(test.sql`
    select landfall.define_entity('shop', 'My items', 'public.items', 'transform.shop_items')`);
  const tableless = await refusal(test.sql`
    select landfall.define_entity('shop', 'items', null)`);
  const unparsable = await refusal(test.sql`
    select landfall.define_entity('shop', 'items', 'public.items.too.far')`);

  assertEquals([nowhere.code, named.code, tableless.code, unparsable.code], [
    "LF101",
    "LF103",
    "LF103",
    "LF103",
  ]);
});

Deno.test("define_entity() refuses a second entity for one target (LF103)", async () => {
  await using test = await setup();

  const { code } = await refusal(test.sql`
    select landfall.define_entity('shop', 'more', 'public.items', 'transform.shop_items')`);

  assertEquals(code, "LF103");
});

Deno.test("define_entity() again changes nothing, and a run goes on as before", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  const first = await test.migrate();
  const before = await test.sql`select * from landfall.entities order by id`;

  await define(test);

  assertEquals([...await test.sql`select * from landfall.entities order by id`], [...before]);
  const { entities } = await test.migrate();
  assertEquals([first.entities[0]!.inserted, entities[0]!.unchanged], [1, 1]);
});

Deno.test("define_entity() takes a target in any schema, with a name that needs quotes", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create schema "My App";
    grant usage on schema "My App" to service_role;
    create table "My App"."it's 100% ""quoted""" (id int primary key, name text not null);
    grant all on "My App"."it's 100% ""quoted""" to service_role;
    insert into staging.shop_items values ('a', '{"id": 1, "name": "a"}'), ('b', '{"id": 2}');
  `);
  await test.sql`
    select landfall.define_entity('shop', 'items', '"My App"."it''s 100% ""quoted"""')`;

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
});

Deno.test("define_entity() lets a view leave out what the target fills in itself", async () => {
  await using test = await setup({
    columns: `
      id int primary key, name text not null,
      at timestamptz not null default now(),
      number int generated always as identity,
      twice int generated always as (id * 2) stored`,
    give: { at: null, number: null },
    rows: [{ id: 1, name: "a" }],
  });

  await test.migrate();

  const [row] = await test.sql`select id, at is not null as filled, twice from items`;
  assertEquals(row, { id: 1, filled: true, twice: 2 });
});

Deno.test("define_entity() leaves runs that are over as they were", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  const report = await test.migrate();
  await test.sql`alter table items add column colour text`;
  await aTransform(test.sql, "shop", {});

  await define(test);

  const [row] = await test.sql`select landfall.run_report(1) as report`;
  assertEquals(outcome(row!.report), outcome(report));
});

const KEYS = "key as source_key, row as source_row";

/** Makes the transform of items again, with other columns. */
function view(columns: string): string {
  return `
    drop view transform.shop_items;
    create view transform.shop_items with (security_invoker = true) as
    select ${columns} from staging.shop_items`;
}

async function define({ sql }: Setup): Promise<void> {
  await sql`select landfall.define_entity('shop', 'items', 'public.items')`;
}

/** Changes something and defines the entity again, in one transaction. */
async function defineAfter({ sql }: Setup, change: string): Promise<void> {
  await sql.begin((sql) =>
    sql.unsafe(`${change}; select landfall.define_entity('shop', 'items', 'public.items')`)
  );
}
