import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { finishRun, startRun } from "../support/migration.ts";
import { setup } from "./setup.ts";
import { dump, undo } from "./undoing.ts";

/** Types whose text is all there is to compare, and a value of each before and after. */
const TYPES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  "json": [{ b: 1, a: [1, null, "x"] }, { a: 1 }],
  "jsonb": [{ b: 1.50, a: [null] }, [1]],
  "numeric": ["1.500", "-12345678901234567890.0000000001"],
  "numeric(12,4)": ["0.0001", "2"],
  "real": ["0.1", "1e-30"],
  "double precision": ["0.1", "NaN"],
  "bytea": ["\\x00ff5c27", "\\x"],
  "int[]": ["{1,NULL,3}", "[2:3]={4,5}"],
  "text[]": ['{"a,b","",NULL,"NULL","\\""}', "{}"],
  "varchar(4)[]": ["{abcd,a}", "{}"],
  "mood": ["glad", "so so"],
  "mood[]": ['{glad,"so so"}', "{}"],
  "short": ["abc", "d"],
  "place": ['("a ""b"", c",1.50,)', "(,,2020-01-01)"],
  "place[]": ['{"(a,1,)"}', "{}"],
  "int4range": ["[1,5)", "empty"],
  "tstzrange": ['["2020-01-01 00:00:00+00",)', "(,)"],
  "int4multirange": ["{[1,2),[5,9)}", "{}"],
  "interval": ["1 year -2 mons 3 days -04:05:06.7", "-1 day"],
  "timestamptz": ["2020-06-01 12:00:00.123456+02", "infinity"],
  "timestamp": ["0044-03-15 12:00:00 BC", "-infinity"],
  "timetz": ["12:00:00.5+02", "00:00:00+00"],
  "date": ["4714-11-24 BC", "2020-02-29"],
  "bit(5)": ["10101", "00000"],
  "varbit(7)": ["101", ""],
  "money": ["12.34", "-0.50"],
  "char(5)": ["ab", ""],
  '"char"': ["x", "y"],
  "name": ["a name", "n"],
  "point": ["(1.5,2)", "(0,0)"],
  "polygon": ["((0,0),(1,1),(1,0))", "((0,0))"],
  "inet": ["10.0.0.1/8", "::1"],
  "tsvector": ["'a':1A 'b':2", "'c'"],
  "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"],
  "extensions.citext": ["A b", "a B"],
  "text": ["tab\t, new\nline, \u{1F600}, \\N", ""],
};

Deno.test("start_rollback() restores every type to the byte", async () => {
  const names = Object.keys(TYPES).map((_type, nth) => `c${nth}`);
  const row = (id: number, version: 0 | 1) => ({
    id,
    ...Object.fromEntries(
      Object.values(TYPES).map((values, nth) => [names[nth], values[version]]),
    ),
  });
  await using test = await setup({
    before: `
      create extension citext schema extensions;
      create type mood as enum ('glad', 'so so');
      create domain short as varchar(3) check (value <> 'bad');
      create type place as (name text, size numeric, day date)`,
    columns: `id int primary key, ${
      Object.keys(TYPES).map((type, nth) => `${names[nth]} ${type}`).join(", ")
    }`,
    rows: [row(1, 0), row(2, 1), { id: 3 }],
  });
  assertEquals((await test.migrate()).rejects, []);
  const first = await dump(test.sql);
  await test.stage([row(1, 1), { id: 2 }, row(3, 0)]);
  const second = await test.migrate({});
  assertEquals([second.entities[0]?.updated, second.rejects], [3, []]);
  await test.sql`delete from staging.shop_items`;
  await test.migrate({ prune: true });
  assertEquals(await dump(test.sql), {});

  assertEquals((await undo(test, 3)).counts, { items: { restored: 3 } });
  assertEquals((await undo(test, 2)).counts, { items: { restored: 3 } });
  assertEquals(await dump(test.sql), first);
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 3 } });
  assertEquals(await dump(test.sql), {});
});

Deno.test("start_rollback() does not depend on how the caller reads and writes values", async () => {
  const row = {
    id: 1,
    f: "0.30000000000000004",
    i: "1 year -4 mons -1 day 2:03",
    t: "2020-06-01 12:00+02",
    d: "2020-02-01",
    b: "\\x00ff",
  };
  await using test = await setup({
    columns: "id int primary key, f float8, i interval, t timestamptz, d date, b bytea",
    rows: [row],
  });
  await test.migrate();
  const first = await dump(test.sql);
  await test.stage([{ id: 1 }]);
  await test.engine.begin(async (sql) => {
    await sql.unsafe(`
      set local extra_float_digits = 0;
      set local intervalstyle = 'sql_standard';
      set local datestyle = 'SQL, DMY';
      set local timezone = 'Asia/Tokyo';
      set local bytea_output = 'escape'`);
    await finishRun(
      sql as unknown as postgres.Sql,
      (await startRun(sql as unknown as postgres.Sql, "shop")).runId!,
    );
  });
  assertEquals((await dump(test.sql)).items, ["(1,,,,,)"]);

  assertEquals((await undo(test, 2)).counts, { items: { restored: 1 } });

  assertEquals(await dump(test.sql), first);
});

Deno.test("start_rollback() knows keys of many columns, and odd names", async () => {
  await using test = await setup({
    name: "o_d",
    before: `create type "my Type" as enum ('a b', 'c''d')`,
    columns: `
      "changes" int, "Kind" "my Type", "day%s" timestamptz, "lineage" text,
      above_kind "my Type", above_day timestamptz, above_changes int, "we""ird, $1 col" text,
      stored_ int default 3, "child" int generated always as (stored_ * 2) stored,
      primary key ("Kind", "day%s", "changes"),
      unique ("changes", "Kind", "day%s"),
      foreign key (above_kind, above_day, above_changes)
        references o_d ("Kind", "day%s", "changes")`,
    rows: ["a b", "c'd", "a b"].map((kind, nth) => ({
      "changes": nth,
      "Kind": kind,
      "day%s": "2020-01-01 00:00+05",
      'we"ird, $1 col': "x",
      "stored_": nth,
      "above_kind": "a b",
      "above_day": "2019-12-31 19:00+00",
      "above_changes": 2,
    })),
    also: `create table "no""tes %s" (
      id int primary key, k "my Type", d timestamptz, c int,
      foreign key (c, k, d) references o_d ("changes", "Kind", "day%s") on delete cascade)`,
  });
  assertEquals((await test.migrate()).entities[0]?.inserted, 3);
  const first = await dump(test.sql);
  await test.sql.unsafe(
    `insert into "no""tes %s" values (1, 'c''d', '2020-01-01 00:00+05', 1)`,
  );
  await test.sql`delete from staging.shop_o_d where key <> 'r0003'`;
  assertEquals((await test.migrate({ prune: true })).leftovers.map(({ reason }) => reason), [
    'public."no""tes %s" refers to it',
  ]);
  assertEquals((await undo(test, 2)).counts, { o_d: { restored: 1 } });
  await test.sql.unsafe(`delete from "no""tes %s"`);
  assertEquals(await dump(test.sql), first);
  assertEquals((await undo(test, 1)).counts, { o_d: { deleted: 3 } });
});

Deno.test("start_rollback() takes back rows under drawn keys, and generated columns", async () => {
  await using test = await setup(
    {
      name: "teams",
      columns: `
        id int generated always as identity primary key, name text,
        loud text generated always as (upper(name)) stored`,
      give: { id: null },
      rows: [{ name: "a" }, { name: "b" }],
    },
    {
      columns: "id uuid primary key default gen_random_uuid(), name text, serial serial",
      give: { id: null, serial: null },
      rows: [{ name: "a" }, { name: "b" }],
    },
  );
  await test.migrate();
  const first = await dump(test.sql);
  await test.stage([{ name: "A" }], "teams");
  await test.stage([{ name: "A" }, { name: "b" }, { name: "c" }]);
  await test.migrate();
  await test.sql`delete from items where name = 'A'`;
  await test.sql`delete from teams where name = 'A'`;

  assertEquals((await undo(test, 2, { force: true })).counts, {
    items: { restored: 1, deleted: 1 },
    teams: { restored: 1 },
  });
  assertEquals(await dump(test.sql), first);
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 2 }, teams: { deleted: 2 } });
  assertEquals(await dump(test.sql), {});
});

for (const through of ["items", "items_low"]) {
  Deno.test(`start_rollback() knows references through ${through} to a partitioned target`, async () => {
    await using test = await setup({
      columns: "id int primary key, name text, touched int default 0) partition by range (id",
      give: { touched: null },
      also: `
        create table items_low partition of items for values from (0) to (10);
        create table items_high partition of items for values from (10) to (100);
        create function public.touch() returns trigger language plpgsql as
          $$ begin new.touched := new.touched + 1; return new; end $$;
        create trigger touch before update on items for each row execute function public.touch();
        create trigger low before insert on items_low for each row execute function public.touch();
        alter table items_high disable trigger touch;
        create table notes (id int primary key, item int references ${through} on delete cascade)`,
      rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 11, name: "c" }],
    });
    await test.migrate();
    const first = await dump(test.sql);
    await test.stage([{ id: 1, name: "A" }, { id: 2, name: "B" }, { id: 11, name: "C" }]);
    await test.migrate();
    await test.sql`delete from staging.shop_items where key = 'r0001'`;
    await test.migrate({ prune: true });

    assertEquals((await undo(test, 3)).counts, { items: { restored: 1 } });
    await test.sql`insert into notes values (1, 2)`;
    assertEquals((await undo(test, 2)).counts, { items: { restored: 3 } });
    assertEquals((await dump(test.sql)).items, first.items);

    const { counts, why } = await undo(test, 1, { force: true });
    assertEquals(counts, { items: { deleted: 2, left: 1 } });
    assertEquals(why, { "public.notes refers to it": ["r0002"] });
    assertEquals((await dump(test.sql)).notes, ["(1,2)"]);
  });
}

Deno.test("start_rollback() knows references to the table its target is a partition of", async () => {
  await using test = await setup({
    before: "create table whole (id int primary key, name text) partition by range (id)",
    columns: "id int primary key, name text",
    also: `
      alter table whole attach partition items for values from (0) to (100);
      create table notes (id int primary key, item int references whole on delete cascade)`,
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
  });
  await test.migrate();
  await test.sql`insert into notes values (1, 2)`;

  assertEquals((await undo(test, 1)).why, { "public.notes refers to it": ["r0002"] });
});
