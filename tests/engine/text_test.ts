import { assertEquals } from "@std/assert";
import { counts, reasons, verify } from "../support/migration.ts";
import { setup } from "./setup.ts";

const TEXTS = [
  "",
  " ",
  "100%",
  "%s %1$I %L",
  "it's",
  "''",
  '"quoted"',
  "$1 $$ $sql$",
  "back\\slash \\n \\\\",
  "line\nbreak\ttab",
  "; drop table items; --",
  "Ünïcödé ß ﬁ",
  "日本語 العربية",
  "👩‍👩‍👧 e\u0301",
  "\u00a0\u200b\ufeff",
  "{1,2}",
  '{"a": 1}',
  "null",
  "NULL",
  "x".repeat(20_000),
];

Deno.test("any text is kept as it is", async () => {
  await using test = await setup({
    columns: "id int primary key, name text not null, names text[] not null",
    give: { names: "array[row ->> 'name', null, '']" },
    rows: TEXTS.map((name, id) => ({ id, name })),
  });

  await test.migrate();

  const rows = await test.rows();
  assertEquals(rows.map(({ name }) => name), TEXTS);
  assertEquals(rows.map(({ names }) => (names as string[])[0]), TEXTS);
  assertEquals(counts(await test.migrate()).unchanged, TEXTS.length);
});

Deno.test("any text may be a source key and a primary key", async () => {
  await using test = await setup({ columns: "id text primary key, age int check (age > 0)" });
  await test.sql`
    insert into staging.shop_items (key, row)
    select text, jsonb_build_object('id', text, 'age', 1)
    from jsonb_array_elements_text(${TEXTS}::jsonb) as text
    where char_length(text) < 1000`;

  const report = await test.migrate({ batchSize: 3 });
  await test.sql`update staging.shop_items set row = row || '{"age": 2}'`;
  const changed = await test.migrate({ batchSize: 4 });
  await test.sql`update staging.shop_items set row = row || '{"age": -1}' where key <> '100%'`;
  const broken = await test.migrate({ batchSize: 5 });
  await test.sql`update staging.shop_items set row = row || '{"age": "x"}'`;
  const miscast = await test.migrate({ batchSize: 7 });

  const source = TEXTS.length - 1;
  assertEquals(counts(report), { source, inserted: source });
  assertEquals(counts(changed), { source, updated: source });
  assertEquals(counts(broken), { source, unchanged: 1, rejected: source - 1 });
  assertEquals(counts(miscast), { source, rejected: source });
});

Deno.test("tables and columns may have any name", async () => {
  const names = ["100% sure", "it's", 'a "b"', "select", "Größe", "a.b", "row_", "item", "$1"];
  const columns = names.map((name) => `"${name.replaceAll('"', '""')}"`);
  await using test = await setup({
    columns: `
      id int primary key, note text,
      ${columns.map((name) => `${name} int not null check (${name} > 0)`).join(", ")},
      unique (${columns.join(", ")})`,
    rows: [
      { id: 1, ...Object.fromEntries(names.map((name) => [name, 1])) },
      { id: 1, ...Object.fromEntries(names.map((name) => [name, 3])) },
      { id: 2, ...Object.fromEntries(names.map((name) => [name, 1])) },
      { id: 3, ...Object.fromEntries(names.map((name) => [name, -1])) },
      { id: 4, ...Object.fromEntries(names.map((name) => [name, "x"])) },
      { id: 5 },
    ],
  });

  const report = await test.migrate();
  await test.stage([{ id: 1, note: "new", ...Object.fromEntries(names.map((name) => [name, 1])) }]);
  const changed = await test.migrate();

  assertEquals(counts(report), { source: 6, inserted: 1, rejected: 5 });
  assertEquals(reasons(report)["it's is missing"], ["r0006"]);
  assertEquals(reasons(report)["Größe is missing"], ["r0006"]);
  assertEquals(counts(changed), { source: 6, updated: 1, rejected: 5 });
});

Deno.test("source keys are paged in the order of their own collation", async () => {
  for (const collation of ["C", "en-US-x-icu", "und-x-icu", "de-AT-x-icu"]) {
    await using test = await setup({ columns: "id text primary key" });
    await test.sql.unsafe(`
      drop view transform.shop_items;
      alter table staging.shop_items alter column key type text collate "${collation}";
      create view transform.shop_items with (security_invoker = true) as
      select key as source_key, row as source_row, row ->> 'id' as id from staging.shop_items;
      select landfall.close_doors();
      insert into staging.shop_items
      select key, jsonb_build_object('id', key)
      from unnest(array['a', 'B', 'b', 'A', 'ä', 'Z', 'z', '_', '-a', 'a-b', 'ab', '10', '9', 'ß', 'ss'])
        as key;
      select landfall.define_entity(
        'shop', 'items', 'public.items', self_contained => true
      )`);
    const spoil = () =>
      test.sql`update staging.shop_items set row = row || '{"id": null}' where key in ('ä', 'B')`;
    const mend = () => test.sql`update staging.shop_items set row = jsonb_build_object('id', key)`;

    const report = await test.migrate({ batchSize: 2 });
    await spoil();
    const broken = await test.migrate({ batchSize: 2 });
    await mend();
    const verified = await verify(test.engine, "shop");
    const retried = await test.migrate({ batchSize: 1, retryRejects: true });
    await spoil();
    await test.migrate({ batchSize: 2 });
    await mend();
    const recognized = await test.migrate({ batchSize: 2 });
    const [open] = await test.sql`
      select count(*)::int from landfall.rejects where settled_by is null`;

    assertEquals(counts(report), { source: 15, inserted: 15 }, collation);
    assertEquals(counts(broken), { source: 15, unchanged: 13, rejected: 2 }, collation);
    assertEquals(verified.differences, [], collation);
    assertEquals(counts(retried), { source: 2, unchanged: 2 }, collation);
    assertEquals(counts(recognized), { source: 15, unchanged: 15 }, collation);
    assertEquals(open!.count, 0, collation);
  }
});

Deno.test("verify() cuts its ranges in the order of the source keys' own collation", async () => {
  await using test = await setup({ columns: "id text primary key" });
  await test.sql.unsafe(`
    drop view transform.shop_items;
    alter table staging.shop_items alter column key type text collate "C";
    create view transform.shop_items with (security_invoker = true) as
    select key as source_key, row as source_row, row ->> 'id' as id from staging.shop_items;
    select landfall.close_doors();
    insert into staging.shop_items
    select key, case when number > 1 then jsonb_build_object('id', key) else '{}' end
    from generate_series(1, 7000) as number
    cross join lateral (values ('a' || number), ('B' || number)) as keys (key)`);
  await test
    .engine`select landfall.finish_run((landfall.start_run('shop') ->> 'runId')::int, 60000)`;
  const report = await verify(test.engine, "shop");
  await test.sql`delete from staging.shop_items where key in ('a7', 'B7')`;
  const vanished = await verify(test.engine, "shop");

  const [items] = report.entities;
  assertEquals([items!.source, items!.migrated, items!.rejected], [14_000, 13_998, 2]);
  assertEquals(report.differences, []);
  assertEquals(
    vanished.differences.map(({ kind, count, sample }) => [kind, count, sample.length]),
    [["vanished", 2, 2]],
  );
});
