import { assertEquals, assertStringIncludes } from "@std/assert";
import { counts, finishRun, startRun } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./setup.ts";

Deno.test("start_run() refuses options that are unknown or out of range (LF203)", async () => {
  await using test = await setup();
  const wrong: [name: string, ...values: unknown[]][] = [
    ["batchSize", 0, -1, 1.5, "5", 100_001, null, true, [], 1e30],
    ["workers", 0, 17, 1.5, "2", null],
    ["limit", 0, -3, "all", 0.5, null],
    ["tables", [], "items", [1], {}, null],
    ["skipValidation", "yes", 1, null],
    ["retryRejects", "no", 0, null],
    ["onExisting", "overwrite", "", true, null, ["keep"]],
    ["maxRejects", -1, 1.5, "many", "101%", "5 %", "-5%", "", true, null],
    ["pauseMs", -1, 60_001, 0.5, "1s", null],
    ["source", 5, null, ["public.a"]],
    ["requestedBy", 5, null],
    ["ruleActions", [], "off", { nope: "off" }, { small: "explode" }, { small: null }, null],
    ["nope", 1],
    ["batchsize", 5],
  ];

  for (const [name, ...values] of wrong) {
    for (const value of values) {
      const options = JSON.stringify({ [name]: value });
      const { code, message } = await refusal(
        test.engine.unsafe("select landfall.start_run('shop', $1::text::jsonb)", [options]),
        options,
      );
      assertEquals(code, "LF203", `${options}: ${message}`);
      assertStringIncludes(message, value !== null && name === "ruleActions" ? "" : name);
    }
  }
  const [runs] = await test.sql`select count(*)::int as count from landfall.runs`;
  assertEquals(runs, { count: 0 });
});

Deno.test("start_run() refuses options that are no object (LF203)", async () => {
  await using test = await setup();

  for (const options of ["[]", "5", '"batchSize"', "true", "null"]) {
    const { code } = await refusal(
      test.engine.unsafe("select landfall.start_run('shop', $1::text::jsonb)", [options]),
      options,
    );
    assertEquals(code, "LF203", options);
  }
});

Deno.test("start_run() takes no options, and every option at its edges", async () => {
  await using test = await setup({
    rules: [{ name: "small", action: "reject", reason: "large", condition: "id < 9" }],
    rows: [{ id: 1, name: "a" }],
  });
  const right = [
    "{}",
    '{"batchSize": 1, "workers": 1, "limit": 1, "pauseMs": 0, "maxRejects": 0}',
    '{"batchSize": 100000, "workers": 16, "limit": 9000000000, "pauseMs": 60000}',
    '{"batchSize": 10.0, "limit": 1e3, "workers": 2.00, "pauseMs": 0.0}',
    '{"maxRejects": "100%"}',
    '{"maxRejects": "0.5%"}',
    '{"maxRejects": "7"}',
    '{"tables": ["items", "items"], "ruleActions": {"small": "off"}, "requestedBy": ""}',
    '{"ruleActions": {}}',
  ];

  for (const options of right) {
    const [row] = await test.engine.unsafe(
      "select landfall.start_run('shop', $1::text::jsonb) ->> 'runId' as id",
      [options],
    );
    const report = await finishRun(test.engine, Number(row!.id));
    assertEquals(report.state, "completed", options);
  }
});

Deno.test("start_run() refuses a pipeline that it does not know (LF101)", async () => {
  await using test = await setup();

  for (const name of ["nope", "", null]) {
    const { code, detail } = await refusal(test.engine`select landfall.start_run(${name})`);
    assertEquals(code, "LF101");
    assertStringIncludes(detail, "kv, shop");
  }
});

Deno.test("start_run() refuses a table that it does not know, and lists those it does (LF204)", async () => {
  await using test = await setup({ name: "parents" }, {
    columns: "id int primary key, parent int references parents",
  });

  const { code, message, detail } = await refusal(
    startRun(test.engine, "shop", { tables: ["items", "clinets"] }),
  );

  assertEquals(code, "LF204");
  assertStringIncludes(message, "clinets");
  assertStringIncludes(detail, "parents, items");
});

Deno.test("start_run() refuses a table whose parents are nowhere (LF205)", async () => {
  await using test = await setup({ name: "parents", rows: [{ id: 1, name: "a" }] }, {
    columns: "id int primary key, parent int references parents",
    rows: [{ id: 1, parent: 1 }],
  });

  const { code, message } = await refusal(startRun(test.engine, "shop", { tables: ["items"] }));
  await test.migrate({ tables: ["parents"] });
  const report = await test.migrate({ tables: ["items"] });

  assertEquals(code, "LF205");
  assertStringIncludes(message, "parents");
  assertEquals(counts(report), { source: 1, inserted: 1 });
});

Deno.test("limit takes the first rows of every table", async () => {
  await using test = await setup(
    { name: "parents", many: { count: 30, row: "jsonb_build_object('id', n, 'name', 'x')" } },
    { many: { count: 5, row: "jsonb_build_object('id', n, 'name', 'x')" } },
  );

  const report = await test.migrate({ limit: 12, batchSize: 5 });
  const rest = await test.migrate();

  assertEquals(counts(report, "parents"), { source: 12, inserted: 12 });
  assertEquals(counts(report), { source: 5, inserted: 5 });
  assertEquals(report.progress, { done: 17, total: 17 });
  assertEquals(counts(rest, "parents"), { source: 30, inserted: 18, unchanged: 12 });
});

Deno.test("limit does not hide a source key that occurs twice (LF303)", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.sql.unsafe(`
    create or replace view transform.shop_items with (security_invoker = true) as
    select 'same' as source_key, row as source_row, (row ->> 'id')::int as id, row ->> 'name' as name
    from staging.shop_items`);
  await startRun(test.engine, "shop", { limit: 1 });

  const { code } = await refusal(finishRun(test.engine, 1));

  assertEquals(code, "LF303");
});
