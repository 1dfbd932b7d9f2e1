import { assert, assertEquals } from "@std/assert";
import { counts, finishRun, migrate, startRun } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./setup.ts";

/** A text that stands in every value, and so must stand in no reason. */
const MARK = "zebra";

Deno.test("no reason and no finding holds a value of a row", async () => {
  await using test = await setup({
    name: "parents",
    columns: "id text primary key",
    rows: [{ id: `${MARK} 1` }],
  }, {
    before: `
      create type public.colour as enum ('red');
      create domain public.short as varchar(9) check (value not like '%!%')`,
    columns: `
      id text primary key, parent text references parents, name varchar(5), code char(4) unique,
      colour colour, word short, at timestamptz, whole int, list int[], doc jsonb, span int4range,
      flag boolean check (flag), uuid uuid, seen date check (seen > '2000-01-01')`,
    give: { doc: "(row ->> 'doc')::jsonb", word: "row ->> 'word'" },
    rules: [
      { name: "worded", action: "finding", reason: "no word", condition: "word is not null" },
    ],
    rows: [
      ...["parent", "name", "code", "colour", "word", "at", "whole", "list", "doc", "span", "uuid"]
        .flatMap((column, nth) => [
          { id: `${MARK} a${nth}`, [column]: MARK },
          { id: `${MARK} b${nth}`, [column]: `{"${MARK}": "${MARK}", '${MARK}'` },
          { id: `${MARK} c${nth}`, [column]: `"${MARK}" : "${MARK}"\n"${MARK}"` },
        ]),
      { id: `${MARK} d`, word: `${MARK}!` },
      { id: `${MARK} e`, flag: false, seen: "1999-01-01" },
      { id: `${MARK} f`, code: "same" },
      { id: `${MARK} g`, code: "same" },
      { id: `${MARK} g`, code: "else" },
      { id: `${MARK} h`, whole: "99999999999", span: "[5,1]", at: `2024-01-01 ${MARK}/Time` },
      [MARK],
      MARK,
    ],
  });

  const report = await test.migrate();

  const said = [...report.rejects.map(({ reason }) => reason), ...report.findings];
  assertEquals(JSON.stringify(said).includes(MARK), false, JSON.stringify(said, null, 1));
  assert(report.rejects.length < 30, `${report.rejects.length} reasons`);
  assert(counts(report).rejected! > 30);
});

Deno.test("a run reports at most 200 reasons, and counts the rest in one", async () => {
  await using test = await setup({
    also: `
      create function public.app() returns trigger language plpgsql
        as $$ begin raise 'No %', new.name; end $$;
      create trigger app before insert on items for each row execute function public.app()`,
    many: { count: 250, row: "jsonb_build_object('id', n, 'name', 'name ' || n)" },
  });

  const report = await migrate(test.engine, "shop");

  assertEquals(report.rejects.length, 201);
  assertEquals(report.rejects.reduce((sum, { count }) => sum + count, 0), 250);
  assert(report.rejects.some(({ reason, count }) => reason === "50 other reasons" && count === 50));
});

Deno.test("a row that is not even JSON is rejected as a whole", async () => {
  for (const sourceRow of ["to_jsonb(raw)", "raw::jsonb"]) {
    await using test = await setup({ rows: [] });
    await test.sql.unsafe(`
      drop view transform.shop_items;
      drop table staging.shop_items;
      create table staging.shop_items (key text primary key, raw text);
      insert into staging.shop_items values
        ('a', '{"id": 1, "name": "a"}'), ('b', 'not even JSON'), ('c', '{"id": 3'), ('d', null),
        ('e', '{"id": 5, "name": "e"}');
      create view transform.shop_items with (security_invoker = true) as
      select
        key as source_key,
        ${sourceRow} as source_row,
        (raw::jsonb ->> 'id')::int as id,
        raw::jsonb ->> 'name' as name
      from staging.shop_items;
      select landfall.close_doors();
      select landfall.define_entity('shop', 'items', 'public.items')`);

    const report = await test.migrate();

    assertEquals(counts(report), { source: 5, inserted: 2, rejected: 3 }, sourceRow);
    const { b, d } = await test.rejects();
    assertEquals(d!.reasons, ["id is missing", "name is missing"]);
    assertEquals(new Set(b!.details), new Set(["invalid input syntax for type json"]));
  }
});

Deno.test("a transform that fails outside its columns stops the run, and says so (LF302)", async () => {
  const conditions = ["where (row ->> 'id')::int > 0", "order by 1 / ((row ->> 'id')::int - 2)"];
  for (const where of conditions) {
    await using test = await setup({
      where,
      rows: [{ id: 1, name: "a" }],
    });
    await test.stage([{ id: 1, name: "a" }, { id: where.startsWith("order") ? 2 : "x" }]);

    const { code, message } = await refusal(
      startRun(test.engine, "shop").then(({ runId }) => finishRun(test.engine, runId!)),
      where,
    );

    assertEquals(code, "LF302", message);
  }
});

Deno.test("an engine that miscounts is stopped before it commits (LF301)", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  const [original] = await test.sql`
    select pg_get_functiondef('landfall.insert_sql'::regproc) as definition`;
  await test.sql.unsafe(
    original!.definition.replace("'deferred', count(*)", "'deferred', 1 + count(*)"),
  );
  await startRun(test.engine, "shop");

  const { code } = await refusal(finishRun(test.engine, 1));

  assertEquals(code, "LF301");
  assertEquals(await test.rows(), []);
});

Deno.test("source keys that are missing or occur twice stop the run (LF303)", async () => {
  for (const key of ["nullif(key, 'r0002')", "left(key, 3)"]) {
    await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
    await test.sql.unsafe(`
      create or replace view transform.shop_items with (security_invoker = true) as
      select ${key} as source_key, row as source_row, (row ->> 'id')::int as id, row ->> 'name' as name
      from staging.shop_items`);
    await startRun(test.engine, "shop");

    const { code } = await refusal(finishRun(test.engine, 1), key);

    assertEquals(code, "LF303", key);
    assertEquals(await test.rows(), []);
  }
});
