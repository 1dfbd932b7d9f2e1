import { assertEquals } from "@std/assert";
import { counts, reasons } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("a target row that the app wrote is not overwritten", async () => {
  await using test = await appWroteFirst();

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
  assertEquals(reasons(report), {
    "public.items has this row already, and Landfall did not write it": ["r0001"],
  });
  assertEquals((await test.rows())[0], { id: 1, name: "the app's" });
});

Deno.test("onExisting keep leaves the app's row and counts it unchanged, ever after", async () => {
  await using test = await appWroteFirst();

  const report = await test.migrate({ onExisting: "keep" });
  const again = await test.migrate();
  await test.stage([{ id: 1, name: "c" }]);
  const changed = await test.migrate({ onExisting: "keep" });

  assertEquals(counts(report), { source: 2, inserted: 1, unchanged: 1 });
  assertEquals(counts(again), { source: 2, unchanged: 2 });
  assertEquals(counts(changed), { source: 2, unchanged: 2 });
  assertEquals((await test.rows())[0], { id: 1, name: "the app's" });
});

Deno.test("onExisting update overwrites the app's row and keeps it as it was", async () => {
  await using test = await appWroteFirst();

  const report = await test.migrate({ onExisting: "update" });

  assertEquals(counts(report), { source: 2, inserted: 1, updated: 1 });
  assertEquals((await test.rows())[0], { id: 1, name: "a" });
  const [change] = await test.sql`
    select before_image, before_run_id, adopted
    from landfall.changes join landfall.lineage using (entity_id, source_key)`;
  assertEquals(change, {
    before_image: { id: "1", name: "the app's" },
    before_run_id: null,
    adopted: true,
  });
  assertEquals(counts(await test.migrate()), { source: 2, unchanged: 2 });
});

Deno.test("onExisting says nothing about another row that holds a unique value", async () => {
  for (const onExisting of ["reject", "keep", "update"]) {
    await using test = await setup({
      columns: "id int primary key, name text unique",
      rows: [{ id: 1, name: "a" }],
    });
    await test.sql`insert into items values (9, 'a')`;

    const report = await test.migrate({ onExisting });

    assertEquals(reasons(report), { "name is taken in public.items": ["r0001"] }, onExisting);
  }
});

Deno.test("a row that the app has changed since is not overwritten", async () => {
  await using test = await appChangedLater();

  const report = await test.migrate();

  assertEquals(reasons(report), {
    "its row in public.items has changed since it was written": ["r0001"],
  });
  assertEquals((await test.rows())[0], { id: 1, name: "the app's" });
});

Deno.test("a row that the app has changed since is kept, or overwritten, when asked", async () => {
  await using test = await appChangedLater();

  const kept = await test.migrate({ onExisting: "keep" });
  const name = (await test.rows())[0]!.name;
  const updated = await test.migrate({ onExisting: "update" });

  assertEquals(counts(kept), { source: 2, unchanged: 2 });
  assertEquals(name, "the app's");
  assertEquals(counts(updated), { source: 2, updated: 1, unchanged: 1 });
  assertEquals((await test.rows())[0], { id: 1, name: "c" });
});

Deno.test("a row that the app has changed stays, as long as its source does not change", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  await test.migrate();
  await test.sql`update items set name = 'the app''s'`;

  for (const onExisting of ["reject", "keep", "update"]) {
    assertEquals(counts(await test.migrate({ onExisting })), { source: 1, unchanged: 1 });
  }
  assertEquals(await test.rows(), [{ id: 1, name: "the app's" }]);
});

Deno.test("a row that the app has changed in a column of its own has changed as well", async () => {
  await using test = await setup({
    columns: "id int primary key, name text not null, stars int not null default 0",
    give: { stars: null },
    rows: [{ id: 1, name: "a" }],
  });
  await test.migrate();
  await test.sql`update items set stars = 5`;
  await test.stage([{ id: 1, name: "b" }]);

  const rejected = await test.migrate();
  const updated = await test.migrate({ onExisting: "update" });

  assertEquals(counts(rejected), { source: 1, rejected: 1 });
  assertEquals(counts(updated), { source: 1, updated: 1 });
  assertEquals(await test.rows(), [{ id: 1, name: "b", stars: 5 }]);
});

Deno.test("a row that the app has deleted is not written again", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.migrate();
  await test.sql`delete from items where id = 1`;

  const unchanged = await test.migrate();
  await test.stage([{ id: 1, name: "c" }]);
  const changed = await test.migrate({ onExisting: "update" });

  assertEquals(counts(unchanged), { source: 2, unchanged: 2 });
  assertEquals(reasons(changed), {
    "its row in public.items is gone: deleted since it was written": ["r0001"],
  });
  assertEquals((await test.rows()).map(({ id }) => id), [2]);
});

Deno.test("a second source row never takes over the row of the first", async () => {
  for (const onExisting of ["reject", "keep", "update"]) {
    await using test = await setup({ rows: [{ id: 1, name: "a" }] });
    await test.migrate();
    await test.stage([{ id: 1, name: "a" }, { id: 1, name: "b" }]);

    const report = await test.migrate({ onExisting });

    assertEquals(reasons(report), {
      "another source row has become this row of public.items": ["r0002"],
    }, onExisting);
    assertEquals(await test.rows(), [{ id: 1, name: "a" }]);
  }
});

Deno.test("two source rows for one row of the app's: the first gets it", async () => {
  for (const batchSize of [10, 1]) {
    await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 1, name: "b" }] });
    await test.sql`insert into items values (1, 'the app''s')`;

    const report = await test.migrate({ onExisting: "update", batchSize });

    assertEquals(counts(report), { source: 2, updated: 1, rejected: 1 });
    assertEquals(await test.rows(), [{ id: 1, name: "a" }]);
  }
});

/** The app has a row 1 of its own before the migration. */
async function appWroteFirst(): Promise<Setup> {
  const test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.sql`insert into items values (1, 'the app''s')`;
  return test;
}

/** Row 1 was migrated, then changed by the app, then in the source. */
async function appChangedLater(): Promise<Setup> {
  const test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.migrate();
  await test.sql`update items set name = 'the app''s' where id = 1`;
  await test.stage([{ id: 1, name: "c" }]);
  return test;
}
