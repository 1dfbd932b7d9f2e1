import { assert, assertEquals, assertRejects } from "@std/assert";
import { aPipeline, aRule, aTransform, type EntityOptions } from "../support/builders.ts";
import { createDatabase } from "../support/database.ts";
import { counts, migrate, reasons, rollBack, verify } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";

/** Its names are made by a function that counts its calls: one each time that a row is computed. */
const COUNTED: EntityOptions = {
  selfContained: true,
  before: `
    create sequence public.computed;
    grant usage on sequence public.computed to service_role;
    create function public.noted(value text) returns text language plpgsql immutable as $$
    begin
      perform nextval('public.computed');
      return value;
    end $$`,
  columns: "id int primary key, name text not null, at timestamptz",
  give: { name: "public.noted(row ->> 'name')" },
};

const MANY: EntityOptions = {
  ...COUNTED,
  many: { count: 1_000, row: "jsonb_build_object('id', n, 'name', 'name ' || n)" },
};

Deno.test("a second run computes no row whose legacy row is as it was", async () => {
  await using test = await setup(MANY);
  await test.migrate();
  await forget(test);

  const report = await test.migrate();

  assertEquals(counts(report), { source: 1_000, unchanged: 1_000 });
  assertEquals(await computed(test), 0);
});

Deno.test("rows that changed, came and went are found among those that did not", async () => {
  await using test = await setup(MANY);
  await test.migrate();
  await test.sql`
    update staging.shop_items set row = row || '{"name": "other"}' where key = 'r0000500'`;
  await test.sql`delete from staging.shop_items where key = 'r0000600'`;
  await test.stage([{ id: 2_000, name: "new" }]);
  await forget(test);

  const report = await test.migrate();

  assertEquals(counts(report), { source: 1_000, inserted: 1, updated: 1, unchanged: 998 });
  assertEquals(report.findings.map(({ finding, sample }) => [finding, sample]), [
    ["vanished", ["r0000600"]],
  ]);
  assert(await computed(test) < 20);
  assertEquals((await verify(test.engine, "shop")).differences.map(({ kind }) => kind), [
    "vanished",
  ]);
});

Deno.test("a legacy row that changed in what is not taken is computed once more", async () => {
  await using test = await setup(MANY);
  await test.migrate();
  await test.sql`update staging.shop_items set row = row || '{"seen": true}'`;

  assertEquals(counts(await test.migrate()), { source: 1_000, unchanged: 1_000 });
  await forget(test);
  assertEquals(counts(await test.migrate()), { source: 1_000, unchanged: 1_000 });
  assertEquals(await computed(test), 0);
});

Deno.test("a row that does not compute has no other computed with it", async () => {
  await using test = await setup(MANY);
  await test.migrate();
  await test.sql`
    update staging.shop_items set row = row || '{"at": "no time"}' where key = 'r0000500'`;
  await forget(test);

  const report = await test.migrate();

  assertEquals(counts(report), { source: 1_000, unchanged: 999, rejected: 1 });
  assert(await computed(test) < 60);
});

Deno.test("equal changes to two fields of a legacy row do not cancel each other out", async () => {
  await using test = await setup({
    selfContained: true,
    columns: "id int primary key, f01 text, f17 text",
    rows: [alike("old")],
  });
  await test.migrate();
  await test.stage([alike("new")]);

  assertEquals(counts(await test.migrate()), { source: 1, updated: 1 });
  assertEquals(await test.rows(), [{ id: 1, f01: "new", f17: "new" }]);
});

Deno.test("rows are computed again when the view changes", async () => {
  const items: EntityOptions = { ...COUNTED, rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] };
  await using test = await setup(items);
  await test.migrate();
  await aTransform(test.sql, "shop", { ...items, give: { name: "upper(row ->> 'name')" } });

  assertEquals(counts(await test.migrate()), { source: 2, updated: 2 });
  assertEquals((await test.rows()).map(({ name }) => name), ["A", "B"]);
});

Deno.test("rows are computed again when the target's checks change", async () => {
  await using test = await setup({
    ...COUNTED,
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
  });
  await test.migrate();
  await test.sql`alter table items add constraint no_b check (name <> 'b') not valid`;

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, unchanged: 1, rejected: 1 });
  assertEquals(reasons(report), { "no_b does not hold": ["r0002"] });
});

Deno.test("rows are computed again when a view below, or a function, changes", async () => {
  await using test = await setup({
    ...COUNTED,
    before: `
      create function public.inner_one(value text) returns text language sql immutable
        as $$ select value $$;
      create function public.noted(value text) returns text language plpgsql immutable
        as $$ begin return public.inner_one(value); end $$`,
    rows: [{ id: 1, name: "a" }],
    also: `
      create table staging.legacy (key text primary key, row jsonb not null);
      drop table staging.shop_items;
      create view staging.shop_items as select key, row from staging.legacy`,
  });
  await test.migrate();

  await test.sql`
    create or replace function public.inner_one(value text) returns text language sql immutable
      as $$ select upper(value) $$`;
  assertEquals(counts(await test.migrate()), { source: 1, updated: 1 });

  await test.sql`
    create or replace view staging.shop_items as
    select key, row || '{"name": "below"}' as row from staging.legacy`;
  assertEquals(counts(await test.migrate()), { source: 1, updated: 1 });
  assertEquals((await test.rows()).map(({ name }) => name), ["BELOW"]);
});

Deno.test("rules are asked of rows that are as they were", async () => {
  await using test = await setup({
    ...COUNTED,
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }, { id: 4, name: "d" }],
    rules: [{
      name: "short",
      action: "finding",
      reason: "the name is short",
      condition: "length(name) > 2",
    }],
  });
  await test.sql`create table public.banned (id int)`;
  await test.sql`grant select on public.banned to service_role`;
  const first = await test.migrate();
  await aRule(test.sql, "shop", "items", {
    name: "banned",
    action: "reject",
    reason: "it is banned",
    condition: "id not in (select banned.id from public.banned)",
  });
  await aRule(test.sql, "shop", "items", {
    name: "last",
    action: "reject",
    reason: "it is the last",
    query: "select source_key from transform.shop_items where id = 4",
  });
  await test.sql`insert into public.banned values (2)`;

  const second = await test.migrate();

  assertEquals(counts(second), { source: 4, unchanged: 2, rejected: 2 });
  assertEquals(reasons(second), { "it is banned": ["r0002"], "it is the last": ["r0004"] });
  assertEquals(first.findings[0]!.count, 4);
  assertEquals(second.findings[0]!.count, 4);

  await test.sql`delete from public.banned`;
  assertEquals(counts(await test.migrate()), { source: 4, unchanged: 3, rejected: 1 });
});

Deno.test("a row whose change was rejected is settled when it is as it was", async () => {
  await using test = await setup({
    ...COUNTED,
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }],
  });
  await test.migrate();
  await test.stage([{ id: 1, name: "a", at: "no time" }]);
  assertEquals(counts(await test.migrate()), { source: 3, unchanged: 2, rejected: 1 });
  await test.stage([{ id: 1, name: "a" }]);

  assertEquals(counts(await test.migrate()), { source: 3, unchanged: 3 });
  const [open] = await test.sql`
    select count(*)::int from landfall.rejects where settled_by is null`;
  assertEquals(open!.count, 0);
});

Deno.test("what a roll-back has put back is not taken for what the legacy row is now", async () => {
  await using test = await setup({ ...COUNTED, rows: [{ id: 1, name: "a" }] });
  await test.migrate();
  await test.stage([{ id: 1, name: "b" }]);
  await test.migrate();
  await rollBack(test.engine, 2);
  assertEquals((await test.rows())[0]!.name, "a");

  assertEquals(counts(await test.migrate()), { source: 1, updated: 1 });
  assertEquals((await test.rows())[0]!.name, "b");
  assertEquals((await verify(test.engine, "shop")).state, "clean");
});

Deno.test("an entity whose rows depend on others is not called self-contained", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  const items = { selfContained: true, rows: [{ id: 1, name: "a" }] };

  await assertRejects(
    () =>
      aPipeline(sql, {
        entities: [{ ...items, where: "join staging.shop_items as others using (key, row)" }, {
          ...items,
          name: "more",
          where: "where key in (select key from staging.shop_items)",
        }],
      }),
    Error,
    "Cannot define entity shop.more: it reads staging.shop_items, staging.shop_more: " +
      "its rows are not self-contained",
  );
  await assertRejects(
    () =>
      aPipeline(sql, {
        name: "calls",
        entities: [{
          ...items,
          name: "dice",
          before: "create function public.rolled() returns text language sql as 'select random()'",
          give: { name: "public.rolled()" },
        }],
      }),
    Error,
    "Cannot define entity calls.dice: it calls public.rolled(), which is volatile: " +
      "its rows are not self-contained",
  );
  await assertRejects(
    () =>
      aPipeline(sql, {
        name: "waits",
        entities: [{ ...items, name: "theirs", give: { waiting_for: "row ->> 'owner'" } }],
      }),
    Error,
    "Cannot define entity waits.theirs: it waits for users: its rows are not self-contained",
  );
});

Deno.test("verification finds a row that was called self-contained and is not", async () => {
  await using test = await setup({
    ...COUNTED,
    before: `
      create table public.names (name text);
      insert into public.names values ('a');
      create function public.noted(value text) returns text language sql stable
        as $$ select name from public.names $$;
      grant select on public.names to service_role`,
    rows: [{ id: 1 }],
  });
  await test.migrate();
  await test.sql`update public.names set name = 'b'`;

  assertEquals(counts(await migrate(test.engine, "shop")), { source: 1, unchanged: 1 });
  const report = await verify(test.engine, "shop");
  assertEquals(report.state, "different");
  assertEquals(report.differences.map(({ kind, name, count }) => [kind, name, count]), [
    ["value", "name", 1],
  ]);
});

/** A row of twenty fields, of which two, 32 names and values apart, say the same. */
function alike(value: string): Record<string, unknown> {
  const fields = Array.from(
    { length: 20 },
    (_, nth) => [`f${String(nth + 1).padStart(2, "0")}`, `${nth}`],
  );
  return { ...Object.fromEntries(fields), f01: value, f17: value, id: 1 };
}

async function computed({ sql }: Setup): Promise<number> {
  const [row] = await sql`
    select case when is_called then last_value::int else 0 end as count from public.computed`;
  return row!.count;
}

async function forget({ sql }: Setup): Promise<void> {
  await sql`select setval('public.computed', 1, false)`;
}
