import { assertEquals, assertMatch } from "@std/assert";
import { sqlitePipeline } from "../support/sqlite_pipeline.ts";
import { typesOf } from "../support/sqlite_types.ts";

Deno.test("texts that Postgres cannot hold leave their own rows out, are named, and nothing else is lost", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table notes (id integer primary key, body text, blob_or_text text);
    insert into notes values
      (1, 'first', 'a'), (2, 'nul' || char(0) || 'byte', 'b'), (3, cast(x'61ff62' as text), 'c'),
      (4, 'valid after a fault', 'd'), (5, '\\u0000 is six characters', x'00'), (6, '😀 é', 'e');
  `);

  const plan = await test.generate();
  const imported = await test.import();
  const run = await test.migrate();

  assertEquals(imported.first.map(({ rowId, column, reason }) => [rowId, column, reason]), [
    ["2", "body", "a text with a NUL character"],
    ["3", "body", "a text that is not UTF-8"],
    ["5", "blob_or_text", "a blob in a column of type text"],
  ]);
  assertEquals(run.rejects, []);
  assertEquals((await test.rows("notes")).map(({ id }) => id), [1, 4, 6]);
  const evidence = plan.tables[0]!.columns.map(({ name, evidence }) => [name, evidence.join("; ")]);
  assertMatch(evidence[1]![1]!, /^2 of 6 values are none; 2 texts hold a NUL or are no UTF-8/);
  const [compared] = (await test.against()).entities;
  assertEquals([compared!.same, compared!.leftOut, compared!.differences], [3, 3, []]);
});

Deno.test("JSON that jsonb refuses is rejected with its value; the rest is documents", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table docs (id integer primary key, strict json, loose text);
    insert into docs values
      (1, '{"a": 1.50, "b": [1e2, "é"], "a": 2}', '{"a": 1}'), (2, '{"nul": "\\u0000"}', '[]'),
      (3, '{"broken', 'plain'), (4, '"\\ud800"', '{}');
    insert into docs select 10 + key, '{}', '{}' from json_each('[${"1,".repeat(40)}1]');
  `);

  const run = await test.move();

  assertEquals(await typesOf(test.sql, "docs"), { id: "bigint", strict: "jsonb", loose: "text" });
  assertEquals(run.entities[0]!.rejected, 3);
  const rejects = await test.sql`
    select source_key, details[1] as detail, source_row ->> 'strict' as value
    from landfall.rejects order by source_key`;
  assertEquals(rejects.map(({ value }) => value), [
    '{"nul": "\\u0000"}',
    '{"broken',
    '"\\ud800"',
  ]);
  const [first] = await test.sql`select strict::text from docs where id = 1`;
  assertEquals(first!.strict, '{"a": 2, "b": [100, "é"]}');
  const [compared] = (await test.against()).entities;
  assertEquals([compared!.same, compared!.rejected, compared!.differences], [42, 3, []]);
});

Deno.test("verify --against finds whatever differs from the file, though staging agrees", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table items (id integer primary key, name text, price decimal(8, 2), at datetime);
    insert into items select value, 'item ' || value, value * 1.25, 1700000000 + value
      from json_each('[1,2,3,4,5,6,7,8]');
  `);
  await test.move();
  // target and staging agree with each other, and not with the file
  await test.sql`update items set name = 'other' where id = 1`;
  await test.sql`update staging.shop_items set name = 'other' where id = '1'`;
  await test.sql`update items set at = at + interval '1 microsecond' where id = 2`;
  await test.sql`delete from items where id = 3`;
  test.make(`
    update items set price = 0 where id = 4; delete from items where id = 5;
    insert into items values (9, 'new', 1, 1700000000);
  `);

  const [compared] = (await test.against()).entities;

  const { same, differences } = compared!;
  assertEquals(same, 3);
  assertEquals(
    differences.map(({ kind, count, sample }) => [kind, count, sample.map((row) => row.sourceKey)])
      .sort(),
    [["lost", 1, ["3"]], ["missing", 1, ["9"]], ["value", 3, ["1", "2", "4"]], ["vanished", 1, [
      "5",
    ]]],
  );
  assertEquals(differences.find(({ kind }) => kind === "value")!.values, [
    { sourceKey: "1", column: "name", expected: "item 1", actual: "other" },
    { sourceKey: "2", column: "at", expected: "1700000002.000000", actual: "1700000002.000001" },
    { sourceKey: "4", column: "price", expected: "0", actual: "5" },
  ]);
});

Deno.test("virtual tables, views that are broken and triggers are listed, and stop nothing", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table posts (id integer primary key, body text);
    create virtual table search using fts5(body);
    create virtual table places using rtree(id, x0, x1);
    create view fine as select * from posts;
    create table gone (a);
    create view broken as select * from gone;
    create trigger touch after insert on posts begin select 1; end;
    insert into posts values (1, 'a');
    insert into search values ('a');
    drop table gone;
  `);

  const plan = await test.generate();
  await test.import();
  await test.migrate();

  assertEquals(
    plan.verdicts.filter(({ kind }) => /view|trigger|virtual/.test(kind)).map((
      { kind, name, verdict },
    ) => [kind, name, verdict]),
    [
      ["virtual table", "places", "left out"],
      ["virtual table", "search", "left out"],
      ["trigger", "touch", "left out"],
      ["view", "broken", "left out"],
      ["view", "fine", "left out"],
    ],
  );
  assertEquals(plan.verdicts.some(({ name }) => name === "search_data"), true);
  assertEquals((await test.rows("posts")).length, 1);
});
