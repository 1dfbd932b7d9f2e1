import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  counts,
  dryRun,
  migrate,
  reasons,
  rollBack,
  type VerificationReport,
  verify,
} from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./parts.ts";

Deno.test("a run stages the parts of its store; a second run writes nothing", async () => {
  await using test = await setup();

  const first = await migrate(test.engine, "shop");
  const clean = await verify(test.engine, "shop");
  const stood = await test.stored();
  const second = await migrate(test.engine, "shop");

  assertEquals(counts(first), { source: 3, inserted: 3 });
  assertEquals(await test.items(), ["1 1 pen 2", "1 2 ink 1", "2 1 pen 5"]);
  assertEquals([clean.state, clean.differences], ["clean", []]);
  assertEquals([counts(second, "sales"), counts(second)], [
    { source: 2, unchanged: 2 },
    { source: 3, unchanged: 3 },
  ]);
  assertEquals(await test.stored(), stood);
});

Deno.test("an element that is changed, removed or added is seen by the next run and verification", async () => {
  const changes: [change: string, seen: string, after: string[]][] = [
    ["jsonb_set(value, '{items,1,qty}', '7')", "value qty", ["1 1 pen 2", "1 2 ink 7"]],
    ["value #- '{items,1}'", "vanished ", ["1 1 pen 2"]],
    [`jsonb_set(value, '{items,2}', '{"sku": "cap", "qty": 3}')`, "unmigrated ", [
      "1 1 pen 2",
      "1 2 ink 1",
      "1 3 cap 3",
    ]],
  ];
  for (const [change, seen, after] of changes) {
    await using test = await setup();
    await migrate(test.engine, "shop");
    await test.sql.unsafe(`update old_store set value = ${change} where key = 'order:1'`);

    const stale = await verify(test.engine, "shop");
    await migrate(test.engine, "shop", { prune: true });
    const mended = await verify(test.engine, 2);

    assertEquals(stale.differences.map(({ kind, name }) => `${kind} ${name}`), [seen]);
    assertEquals(await test.items(), [...after, "2 1 pen 5"], change);
    assertEquals(mended.state, "clean");
  }
});

Deno.test("a run that takes rejects again stages their parts", async () => {
  await using test = await setup({ "order:1": { items: [{ sku: "pen", qty: "many" }] } });
  const failed = await migrate(test.engine, "shop");
  await test.put("order:1", { items: [{ sku: "pen", qty: "4" }] });

  const retried = await migrate(test.engine, "shop", { retryRejects: true });

  assertEquals(reasons(failed), { "qty: invalid input syntax for type integer": ["order:1/0001"] });
  assertEquals(counts(retried), { source: 1, inserted: 1 });
  assertEquals(await test.items(), ["1 1 pen 4"]);
});

Deno.test("the parts of a rejected parent say so", async () => {
  await using test = await setup({
    "order:1": { total: "much", items: [{ sku: "pen", qty: 1 }] },
    "order:2": { items: [{ sku: "ink", qty: 1 }] },
  });

  const report = await migrate(test.engine, "shop");

  assertEquals(reasons(report), {
    "order_id names a rejected row of public.sales": ["order:1/0001"],
  });
  assertEquals((await verify(test.engine, "shop")).state, "clean");
});

Deno.test("a dry run stages the store that it reads, and leaves staging as it was", async () => {
  await using test = await setup();
  await test.stage();
  await test.sql.unsafe(`
    create table public.new_store (like old_store);
    insert into new_store values
      ('order:2', '{"total": 1, "items": [{"sku": "cap", "qty": 1}, {"sku": "pen", "qty": 1}]}')`);
  const before = await test.stored();

  const report = await dryRun(test.engine, "shop", { source: "public.new_store" });

  assertEquals(counts(report), { source: 2, inserted: 2 });
  assertEquals(await test.stored(), before);
});

Deno.test("a roll-back leaves the targets of parts as they were, to the byte", async () => {
  await using test = await setup();
  await test.sql`insert into sales values (9, 1)`;
  await test.sql`insert into items values (9, 1, 'own', 1)`;
  const targets = async () => [
    await test.sql`select * from sales order by id`.values(),
    await test.sql`select * from items order by order_id, nth`.values(),
  ];
  const before = await targets();
  await migrate(test.engine, "shop");

  const undone = await rollBack(test.engine, 1);

  assertEquals([undone.state, await targets()], ["rolled_back", before]);
});

Deno.test("stage_parts() writes what differs and nothing else", async () => {
  await using test = await setup();

  const first = await test.stage();
  const stood = await test.stored();
  const none = await test.stage();
  const same = await test.stored();
  await test.sql`
    update old_store set value = jsonb_set(value, '{items,0,qty}', '2.0') where key = 'order:1'`;
  await test.put("order:2", { items: [] });
  await test.put("order:3", { items: [{ sku: "cap", qty: 1 }] });

  assertEquals(first, { inserted: 3, updated: 0, deleted: 0 });
  assertEquals([none, same], [{ inserted: 0, updated: 0, deleted: 0 }, stood]);
  // 2.0 equals 2 and reads differently
  assertEquals(await test.stage(), { inserted: 1, updated: 1, deleted: 1 });
  assertEquals((await test.stored())[1], stood[1]);
});

Deno.test("stage_parts() takes several tables in their order, any type, and keys of two columns", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create view transform.shop_marks with (security_invoker = true) as
    select nth as no, order_key as "Order", item::json as "as""is", point(nth, 1) as at
    from staging.shop_parts;
    create table staging.shop_marks (
      "as""is" json, at point, no int, "Order" text, twice int generated always as (no * 2) stored,
      primary key ("Order", no)
    );
    select landfall.define_parts('shop', 'transform.shop_marks', 'staging.shop_marks');
    select landfall.close_doors();`);

  const counted = async () =>
    (await test.engine`select landfall.stage_parts('shop') -> 'staging.shop_marks' as counts`)
      .map(({ counts }) => counts)[0];

  assertEquals(await counted(), { inserted: 3, updated: 0, deleted: 0 });
  await test.put("order:2", { items: [{ sku: "pen", qty: 6 }] });
  assertEquals(await counted(), { inserted: 0, updated: 1, deleted: 0 });
  assertEquals(await counted(), { inserted: 0, updated: 0, deleted: 0 });
});

Deno.test("stage_parts() refuses a key that is given twice, or is null (LF303)", async () => {
  const keys: [key: string, message: string, detail: string][] = [
    ["key", "has more than one row for a source key", "Source key order:1 occurs twice."],
    ["nullif(key, 'order:2')", "has rows without a key", "staging.shop_parts"],
  ];
  for (const [key, message, detail] of keys) {
    for (const staged of [false, true]) {
      await using test = await setup();
      if (staged) {
        await test.sql`
          insert into staging.shop_parts values ('order:1', '', 1, '{}'), ('order:2', '', 1, '{}')`;
      }
      await test.take(key);
      const before = await test.stored();

      for (const call of ["start_run", "dry_run", "start_verification", "stage_parts"]) {
        const refused = await refusal(test.engine.unsafe(`select landfall.${call}('shop')`));
        assertEquals(refused.code, "LF303", `${call} ${refused.message}`);
        assertStringIncludes(refused.message, `transform.shop_parts ${message}`);
        assertStringIncludes(refused.detail, detail);
      }
      assertEquals(await test.stored(), before);
    }
  }
});

Deno.test("stage_parts() says which view does not compute, or does not fit its table (LF302)", async () => {
  const faults: [sql: string, message: string][] = [
    ["", "invalid input syntax for type integer"],
    [
      "alter table staging.shop_parts add constraint few check (nth < 2)",
      'violates check constraint "few"',
    ],
    ["create unique index one on staging.shop_parts (nth)", 'violates unique constraint "one"'],
  ];
  for (const [sql, message] of faults) {
    await using test = await setup();
    await test.sql.unsafe(sql);
    if (!sql) await test.take("key || nth || (value ->> 'total')::int");

    for (const call of ["start_run", "dry_run", "verify"]) {
      const refused = await refusal(test.engine.unsafe(`select landfall.${call}('shop')`));
      assertEquals(refused.code, "LF302", refused.message);
      assertStringIncludes(refused.message, "Cannot stage transform.shop_parts: ");
      assertStringIncludes(refused.message, message);
    }
  }
});

Deno.test("define_parts() refuses what does not fit (LF102)", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    select landfall.define_pipeline('other', 'Another pipeline of a test');
    create table staging.shop_keyless (part_key text, order_key text, nth int, item jsonb);
    create table staging.shop_few (part_key text primary key, nth int);
    create table staging.shop_many (like staging.shop_parts including all, more int);
    create table staging.shop_unlike (like staging.shop_parts including all);
    alter table staging.shop_unlike alter nth type bigint, alter order_key type varchar(9);
    create table public.parts (like staging.shop_parts including all)`);
  const view = "transform.shop_parts";
  const table = "staging.shop_parts";
  const wrong: [string | null, string | null, string | null, string][] = [
    ["none", view, table, "there is no pipeline none"],
    [null, view, table, "there is no pipeline (null)"],
    ["shop", "transform.none", table, "there is no view transform.none"],
    ["shop", table, table, "there is no view staging.shop_parts"],
    ["shop", null, table, "there is no view (null)"],
    ["shop", view, "staging.none", "there is no table staging.none"],
    ["shop", view, 'staging."', 'there is no table staging."'],
    ["shop", view, view, "there is no table transform.shop_parts"],
    ["shop", view, "public.parts", "public.parts is not in schema staging"],
    ["shop", view, "staging.shop_keyless", "staging.shop_keyless has no primary key"],
    [
      "shop",
      view,
      "staging.shop_few",
      `${view} has a column order_key that staging.shop_few lacks`,
    ],
    ["shop", view, "staging.shop_many", `${view} lacks column more, which staging.shop_many has`],
    [
      "shop",
      view,
      "staging.shop_unlike",
      `column order_key is text in ${view} and character varying(9) in staging.shop_unlike`,
    ],
    ["other", view, table, "staging.shop_parts is filled by pipeline shop"],
  ];
  for (const [pipeline, parts, staging, problem] of wrong) {
    const { code, message } = await refusal(
      test.sql`select landfall.define_parts(${pipeline}, ${parts}, ${staging})`,
    );
    assertEquals(code, "LF102", problem);
    assertStringIncludes(message, problem);
  }
});

Deno.test("stage_parts() refuses parts whose view or table has gone or changed (LF106)", async () => {
  for (const change of ["drop view transform.shop_parts", "drop column item cascade"]) {
    await using test = await setup();
    await test.sql.unsafe(
      change.startsWith("drop view") ? change : `alter table staging.shop_parts ${change}`,
    );

    const { code } = await refusal(test.engine`select landfall.stage_parts('shop')`);

    assertEquals(code, "LF106", change);
  }
});

Deno.test("stage_parts() is for service_role, not for anon and users; imports leave its table alone", async () => {
  await using test = await setup();

  for (const role of ["anon", "authenticated"] as const) {
    const { code } = await refusal(test.as(role)`select landfall.stage_parts('shop')`);
    assertEquals(code, "42501", role);
  }
  assertEquals((await test.stage()).inserted, 3);
  assertEquals([...await test.sql`select * from landfall.foreign_tables('shop', 'public')`], []);
});

Deno.test("two who stage take turns, a reader waits for neither, nor a pipeline without parts", async () => {
  await using test = await setup();
  await test.sql`select landfall.define_pipeline('bare', 'A pipeline without parts')`;
  const verified: Promise<VerificationReport>[] = [];

  await test.engine.begin(async (rival) => {
    await rival`select landfall.stage_parts('shop')`;
    await rival`select landfall.lock_pipeline('bare', false)`;
    verified.push(verify(test.engine, "shop"), verify(test.engine, "shop"));

    assertEquals(await test.stored(), []);
    await test.engine`select landfall.stage_parts('bare'), landfall.start_verification('bare')`;
  });
  await migrate(test.engine, "shop");

  for (const report of await Promise.all(verified)) {
    assertEquals(report.entities.map(({ source }) => source), [2, 3]);
  }
});
