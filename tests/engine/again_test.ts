import { assertEquals } from "@std/assert";
import { aTransform } from "../support/builders.ts";
import { counts, reasons } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";
import { undo } from "./undoing.ts";

Deno.test("a second run writes nothing when nothing has changed", async () => {
  await using test = await setup({
    before: "create domain public.any_number as numeric",
    columns: `
      id int primary key, a jsonb, b json, c double precision, d numeric, e any_number, f text[],
      g timestamptz default now(), h int default 7, i text, j double precision[]`,
    give: {
      b: "(row -> 'b')::json",
      f: "array(select jsonb_array_elements_text(row -> 'f'))",
      g: null,
      h: null,
    },
    rows: [
      {
        id: 1,
        a: { z: 1, a: [1.0, null] },
        b: { z: 1 },
        c: "NaN",
        d: "1.0",
        e: "1.0",
        j: "{NaN,-0}",
      },
      { id: 2, a: "text", b: [], c: "-0", d: "1.00", e: "1.00", f: ["a", "b"], j: "{0.1}" },
      { id: 3, a: null, c: "0.1", d: "NaN", e: "NaN", f: [], i: "" },
    ],
  });
  await test.migrate();
  const before = await contents(test);

  const report = await test.migrate();

  assertEquals(counts(report), { source: 3, unchanged: 3 });
  assertEquals(await contents(test), before);
});

Deno.test("a second run takes equal numbers, written differently, for unchanged", async () => {
  await using test = await setup({
    columns: "id int primary key, a numeric, b numeric(6,2), c double precision, d timestamptz",
    rows: [{ id: 1, a: "1.0", b: "1", c: "0.10", d: "2024-01-01T00:00Z" }],
  });
  await test.migrate();
  await test.stage([{ id: "1", a: "1.000", b: "1.001", c: 0.1, d: "2024-01-01 02:00+02" }]);

  assertEquals(counts(await test.migrate()), { source: 1, unchanged: 1 });
});

Deno.test("a changed source row is written again, its row kept as it was", async () => {
  await using test = await setup({
    columns:
      "id int primary key, name text, price numeric, tags text[], at timestamptz, doc jsonb, " +
      "twice int generated always as (id * 2) stored, note text default 'none'",
    give: { note: null, tags: "array[row ->> 'tag', null]" },
    rows: [
      { id: 1, name: "a", price: 1.5, tag: "x,y", at: "2024-01-01Z", doc: { a: "1" } },
      { id: 2, name: "b" },
    ],
  });
  await test.migrate();
  await test.stage([{ id: 1, name: "c", price: 2 }]);

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, updated: 1, unchanged: 1 });
  assertEquals((await test.rows())[0]!.name, "c");
  const changes = await test.sql`
    select run_id::int, source_key, target_key, before_image, before_run_id::int
    from landfall.changes`;
  assertEquals([...changes], [{
    run_id: 2,
    source_key: "r0001",
    target_key: "1",
    before_image: {
      id: "1",
      name: "a",
      price: "1.5",
      tags: '{"x,y",NULL}',
      at: "2024-01-01 00:00:00+00",
      doc: '{"a": "1"}',
      note: "none",
    },
    before_run_id: 1,
  }]);
});

Deno.test("text that differs only where its type does not look is written again", async () => {
  await using test = await setup({
    before: "create extension citext with schema extensions",
    columns: "id int primary key, a extensions.citext, b jsonb, c interval",
    rows: [{ id: 1, a: "ada", b: { n: 1 }, c: "1 day" }],
  });
  await test.migrate();
  await test.stage([{ id: 1, a: "Ada", b: { n: 1 }, c: "1 day" }]);

  await test.migrate();

  assertEquals((await test.rows())[0]!.a, "Ada");
});

Deno.test("a value that becomes null, and one that was null, are written", async () => {
  await using test = await setup({
    columns: "id int primary key, a text, b int",
    rows: [{ id: 1, a: "x" }, { id: 2, b: 1 }],
  });
  await test.migrate();
  await test.stage([{ id: 1, b: 1 }, { id: 2, a: "x" }]);

  assertEquals(counts(await test.migrate()), { source: 2, updated: 2 });
  assertEquals(await test.rows(), [{ id: 1, a: null, b: 1 }, { id: 2, a: "x", b: null }]);
});

Deno.test("a changed source row that has become bad leaves its target row alone", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.migrate();
  await test.stage([{ id: 1 }]);

  const report = await test.migrate();

  assertEquals(reasons(report), { "name is missing": ["r0001"] });
  assertEquals((await test.rows())[0], { id: 1, name: "a" });
});

Deno.test("a changed source row that wants a taken place is rejected for that alone", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique",
    rows: [{ id: 1, a: 1 }, { id: 2, a: 2 }],
  });
  await test.migrate();
  await test.stage([{ id: 1, a: 2 }]);

  const report = await test.migrate();

  assertEquals(reasons(report), { "a is taken in public.items": ["r0001"] });
  assertEquals(await test.rows(), [{ id: 1, a: 1 }, { id: 2, a: 2 }]);
});

Deno.test("rows that hand on a unique value are written one a run, the others rejected", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique",
    rows: [{ id: 1, a: 1 }, { id: 2, a: 2 }, { id: 3, a: 3 }],
  });
  await test.migrate();
  await test.stage([{ id: 1, a: 2 }, { id: 2, a: 3 }, { id: 3, a: 4 }]);

  assertEquals(counts(await test.migrate({ batchSize: 1 })), {
    source: 3,
    updated: 1,
    rejected: 2,
  });
  await test.migrate({ batchSize: 1 });
  await test.migrate({ batchSize: 1 });

  assertEquals(await test.rows(), [{ id: 1, a: 2 }, { id: 2, a: 3 }, { id: 3, a: 4 }]);
});

Deno.test("a source row whose primary key has changed is rejected", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  await test.migrate();
  await test.stage([{ id: 2, name: "a" }]);

  const report = await test.migrate();

  assertEquals(reasons(report), {
    "its primary key is no longer the one it was written with": ["r0001"],
  });
  assertEquals(await test.rows(), [{ id: 1, name: "a" }]);
});

Deno.test("a column that view and table gain later is filled in", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a", age: 7 }, { id: 2, name: "b" }] });
  await test.migrate();
  await test.sql`alter table items add column age int`;
  await aTransform(test.sql, "shop", {});

  const report = await test.migrate();

  assertEquals(counts(report).rejected, undefined);
  assertEquals(await test.rows(), [{ id: 1, name: "a", age: 7 }, { id: 2, name: "b", age: null }]);
  assertEquals(counts(await test.migrate()), { source: 2, unchanged: 2 });
});

Deno.test("a column that only the table gains later changes nothing", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.migrate();
  await test.sql`alter table items add column seen timestamptz default now()`;
  const unchanged = await test.migrate();
  await test.stage([{ id: 1, name: "c" }]);

  const report = await test.migrate();

  assertEquals(counts(unchanged), { source: 2, unchanged: 2 });
  assertEquals(counts(report), { source: 2, updated: 1, unchanged: 1 });
});

Deno.test("a column that the view no longer gives changes nothing", async () => {
  await using test = await setup({
    columns: "id int primary key, name text, age int",
    rows: [{ id: 1, name: "a", age: 7 }],
  });
  await test.migrate();
  await aTransform(test.sql, "shop", { give: { age: null } });

  const report = await test.migrate();

  assertEquals(counts(report).rejected, undefined);
  assertEquals(await test.rows(), [{ id: 1, name: "a", age: 7 }]);
});

/** All that a run writes, but for its times. */
async function contents({ sql }: Setup): Promise<unknown> {
  const [row] = await sql`
    select
      (select json_agg(items order by id) from items) as items,
      (select json_agg(lineage order by source_key) from landfall.lineage) as lineage,
      (select count(*) from landfall.changes) as changes`;
  return row;
}

Deno.test("equal changes to two values of a document do not cancel each other out", async () => {
  const doc = (value: string) => ({
    ...Object.fromEntries(Array.from({ length: 20 }, (_, nth) => [`f${nth + 10}`, nth])),
    f10: value,
    f26: value,
  });
  await using test = await setup({
    columns: "id int primary key, doc jsonb",
    rows: [{ id: 1, doc: doc("old") }, { id: 2, doc: doc("old") }],
  });
  await test.migrate();
  await test.stage([{ id: 1, doc: doc("new") }]);

  assertEquals(counts(await test.migrate()), { source: 2, updated: 1, unchanged: 1 });
  await test.sql`update items set doc = ${test.sql.json(doc("mine"))} where id = 2`;
  const undone = await undo(test, 2);
  assertEquals(undone.counts, { items: { restored: 1 } });
  const kept = await undo(test, 1);
  assertEquals(kept.counts, { items: { deleted: 1, left: 1 } });
  assertEquals(kept.why, { "it was changed since": ["r0002"] });
});
