import { assertEquals } from "@std/assert";
import { aTransform } from "../support/builders.ts";
import { counts, migrate, reasons } from "../support/migration.ts";
import { setup } from "./setup.ts";

Deno.test("retryRejects takes the rejects again, and nothing else", async () => {
  await using test = await setup({
    rows: [{ id: 1, name: "a" }, { id: 2 }, { id: 3 }, { id: 4, name: "d" }],
  });
  await test.migrate();
  // r0001 has changed as well, but is no reject
  await test.stage([{ id: 1, name: "A" }, { id: 2, name: "b" }]);

  const report = await test.migrate({ retryRejects: true });

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
  assertEquals(reasons(report), { "name is missing": ["r0003"] });
  assertEquals((await test.rows()).map(({ name }) => name), ["a", "b", "d"]);
});

Deno.test("retryRejects takes a reject once, however often it was rejected", async () => {
  await using test = await setup({ rows: [{ id: 1 }] });
  await test.migrate();
  await test.migrate();
  await test.migrate({ retryRejects: true });
  await test.stage([{ id: 1, name: "a" }]);

  const report = await test.migrate({ retryRejects: true });
  const after = await test.migrate({ retryRejects: true });

  assertEquals(counts(report), { source: 1, inserted: 1 });
  assertEquals(counts(after), {});
});

Deno.test("a reject is settled by the run that takes it again", async () => {
  await using test = await setup({ rows: [{ id: 1 }, { id: 2 }, { id: 3 }] });
  await migrate(test.engine, "shop");
  await test.stage([{ id: 1, name: "a" }]);
  await migrate(test.engine, "shop", { retryRejects: true });
  await test.stage([{ id: 1, name: "a" }, { id: 2, name: "b" }]);
  await migrate(test.engine, "shop");

  const rejects = await test.sql`
    select run_id::int as run, source_key as key, settled_by::int as settled_by
    from landfall.rejects order by 1, 2`;
  assertEquals([...rejects], [
    { run: 1, key: "r0001", settled_by: 2 },
    { run: 1, key: "r0002", settled_by: 2 },
    { run: 1, key: "r0003", settled_by: 2 },
    { run: 2, key: "r0002", settled_by: 3 },
    { run: 2, key: "r0003", settled_by: 3 },
    { run: 3, key: "r0003", settled_by: null },
  ]);
});

Deno.test("retryRejects brings the children of a mended row along", async () => {
  await using test = await setup(
    { name: "parents", rows: [{ id: 1 }, { id: 2, name: "b" }] },
    {
      name: "children",
      columns: "id int primary key, parent int references parents",
      rows: [{ id: 1, parent: 1 }, { id: 2, parent: 2 }],
    },
    {
      name: "toys",
      columns: "id int primary key, child int references children",
      rows: [{ id: 1, child: 1 }],
    },
  );
  await test.migrate();
  await test.stage([{ id: 1, name: "a" }], "parents");

  const report = await test.migrate({ retryRejects: true });

  for (const entity of ["parents", "children", "toys"]) {
    assertEquals(counts(report, entity), { source: 1, inserted: 1 }, entity);
  }
});

Deno.test("retryRejects takes what a mended view makes of the rows", async () => {
  await using test = await setup({ rows: [{ id: 1 }, { id: 2, name: "b" }] });
  await test.migrate();
  await aTransform(test.sql, "shop", { give: { name: "coalesce(row ->> 'name', 'Unknown')" } });

  const report = await test.migrate({ retryRejects: true });

  assertEquals(counts(report), { source: 1, inserted: 1 });
});

Deno.test("retryRejects leaves out rows that are gone from the source", async () => {
  await using test = await setup({ rows: [{ id: 1 }, { id: 2 }] });
  await test.migrate();
  await test.sql`delete from staging.shop_items where key = 'r0001'`;

  const report = await test.migrate({ retryRejects: true });

  assertEquals(counts(report), { source: 1, rejected: 1 });
});

Deno.test("retryRejects goes with tables and batches", async () => {
  await using test = await setup(
    { name: "parents", many: { count: 30, row: "jsonb_build_object('id', n)" } },
    { many: { count: 30, row: "jsonb_build_object('id', n)" } },
  );
  await test.migrate();

  const report = await test.migrate({ retryRejects: true, tables: ["items"], batchSize: 4 });

  assertEquals(report.entities.map(({ entity }) => entity), ["items"]);
  assertEquals(counts(report), { source: 30, rejected: 30 });
});

Deno.test("retryRejects takes rows that a place was taken from", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique",
    rows: [{ id: 1, a: 1 }, { id: 2, a: 1 }, { id: 3, a: 1 }],
  });
  await test.migrate();
  await test.sql`delete from items where id = 1`;

  const report = await test.migrate({ retryRejects: true, batchSize: 1 });

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
  assertEquals(await test.rows(), [{ id: 2, a: 1 }]);
});

Deno.test("a reject keeps the legacy row, less what the entity calls secret", async () => {
  await using test = await setup({
    columns: "id int primary key, name text not null, pin int, age int check (age > 0)",
    secretFields: ["pin", "password"],
    rows: [
      { id: 1, pin: 1234, password: "open sesame" },
      { id: 2, name: "b", pin: "hunter2", other: "kept" },
      { id: 3, name: "c", age: 0, password: "open sesame" },
      ["open sesame"],
      "open sesame",
    ],
  });

  await test.migrate();

  const rejects = await test.sql`select source_row from landfall.rejects order by source_key`;
  assertEquals(rejects.map(({ source_row }) => source_row), [
    { id: 1 },
    { id: 2, name: "b", other: "kept" },
    { id: 3, name: "c", age: 0 },
    null,
    null,
  ]);
  const [everything] = await test.sql`
    select string_agg(rejects::text, ',') as text from landfall.rejects`;
  for (const secret of ["hunter2", "sesame", "1234"]) {
    assertEquals(everything!.text.includes(secret), false, secret);
  }
});
