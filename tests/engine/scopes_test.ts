import { assertEquals, assertStringIncludes } from "@std/assert";
import { refusal } from "../support/refusal.ts";
import { counts, runReport, startRun, verify } from "../support/migration.ts";
import { CALLS, companies, LEADS } from "./companies.ts";
import { type Setup, setup } from "./setup.ts";

const A = { sourceCompany: ["a"] };
const B = { sourceCompany: ["b"] };

/** Ids of a table's rows. */
async function ids(test: Setup, table: string): Promise<unknown[]> {
  return (await test.rows(table)).map(({ id }) => id);
}

Deno.test("start_run() takes the rows of the companies named, and later those of others", async () => {
  await using test = await companies();

  const one = await test.migrate(A);
  assertEquals([await ids(test, "leads"), await ids(test, "calls")], [[1, 3], [10, 12]]);
  assertEquals([one.progress, one.companies?.count], [{ done: 4, total: 4 }, 1]);

  const other = await test.migrate(B);
  assertEquals([counts(other, "leads"), await ids(test, "leads")], [
    { source: 1, inserted: 1 },
    [1, 2, 3],
  ]);
  const all = await test.migrate();
  assertEquals([counts(all, "leads"), counts(all, "calls"), all.companies?.count], [
    { source: 3, unchanged: 3 },
    { source: 3, unchanged: 3 },
    2,
  ]);
});

Deno.test("start_run() takes several companies together, and a row of none with all of them only", async () => {
  await using test = await companies({
    leads: [...LEADS, { company: null, id: 4, name: "Nob" }, { company: "c", id: 5, name: "Cy" }],
  });

  await test.migrate({ sourceCompany: ["a", "b"] });
  assertEquals(await ids(test, "leads"), [1, 2, 3]);
  await test.migrate();
  assertEquals(await ids(test, "leads"), [1, 2, 3, 4, 5]);
});

Deno.test("start_run() refuses a company that is not there, or a pipeline without any (LF213)", async () => {
  await using test = await companies();
  await using without = await setup();

  const unknown = await refusal(startRun(test.engine, "shop", { sourceCompany: ["a", "x", "y"] }));
  assertEquals([unknown.code, unknown.message, unknown.detail], [
    "LF213",
    "Pipeline shop has no source company x",
    "Nor has it y.",
  ]);
  assertEquals((await refusal(startRun(without.engine, "shop", A))).code, "LF213");
  for (const sourceCompany of [[], "a", [1]]) {
    const wrong = await refusal(startRun(test.engine, "shop", { sourceCompany }));
    assertEquals(wrong.code, "LF203");
  }
});

Deno.test("start_run() says which company lacks the parents of the tables to take (LF205)", async () => {
  await using test = await companies();
  await test.migrate(A);

  await test.migrate({ ...A, tables: ["calls"] });
  const lacking = await refusal(startRun(test.engine, "shop", { ...B, tables: ["calls"] }));
  assertEquals(lacking.code, "LF205");
  assertStringIncludes(lacking.detail!, "no row yet of source company b");
});

Deno.test("a company with more rejects than --max-rejects is stopped, and the others go on", async () => {
  const faulty = [1, 2, 3, 4].map((n) => ({ company: "a", id: 100 + n, name: null }));
  await using test = await companies({ leads: [...faulty, ...LEADS] });
  const options = { maxRejects: 2, batchSize: 1 };

  const report = await test.migrate(options);
  assertEquals([report.state, counts(report, "leads")], [
    "completed",
    { source: 4, inserted: 1, rejected: 3 },
  ]);
  assertEquals(report.companies?.stopped.map(({ company, error }) => [company, error.code]), [
    ["a", "LF211"],
  ]);
  assertEquals([await ids(test, "leads"), await ids(test, "calls")], [[2], [11]]);

  const alone = await test.migrate({ ...A, ...options });
  assertEquals([alone.state, alone.error?.code], ["failed", "LF211"]);
});

Deno.test("a company's rejects count, whatever the collation of the source keys", async () => {
  await using test = await companies({ leads: [], calls: [] });
  await test.sql.unsafe(`
    drop view transform.shop_leads;
    alter table staging.shop_leads alter column key type text collate "C";
    create view transform.shop_leads with (security_invoker = true) as
    select
      key as source_key, row as source_row, row ->> 'company' as scope_key,
      (row ->> 'id')::int as id, row ->> 'name' as name
    from staging.shop_leads;
    select landfall.close_doors();
    insert into staging.shop_leads
    select
      key, jsonb_build_object('company', company, 'id', id, 'name', nullif(company, 'a'))
    from (values ('B1', 'a', 1), ('B2', 'a', 2), ('a1', 'b', 3), ('a2', 'b', 4))
      as leads (key, company, id)`);

  const report = await test.migrate({ maxRejects: 1 });
  assertEquals(report.companies?.stopped.map(({ company }) => company), ["a"]);
  assertEquals(await ids(test, "leads"), [3, 4]);
});

Deno.test("a run whose every company has too many rejects fails, and goes on when it is resumed", async () => {
  const faulty = LEADS.map((lead) => ({ ...lead, name: null }));
  await using test = await companies({ leads: faulty, calls: [] });

  const failed = await test.migrate({ maxRejects: "50%", batchSize: 10 });
  assertEquals([failed.state, failed.error?.code], ["failed", "LF211"]);

  await test.engine`select landfall.resume_run(1)`;
  for (let state = ""; state !== "completed";) {
    const [row] = await test.engine`select landfall.advance_run(1) ->> 'state' as state`;
    state = row!.state;
  }
  assertEquals(counts(await runReport(test.engine, 1), "leads"), { source: 3, rejected: 3 });
});

Deno.test("a share of --max-rejects is a share of the company's own rows", async () => {
  const many = Array.from({ length: 20 }, (_, n) => ({ company: "b", id: 200 + n, name: "Many" }));
  await using test = await companies({
    leads: [{ company: "a", id: 1, name: null }, { company: "a", id: 3, name: "Abe" }, ...many],
    calls: [],
  });

  const report = await test.migrate({ maxRejects: "20%", batchSize: 5 });
  assertEquals(report.companies?.stopped.map(({ company }) => company), ["a"]);
});

Deno.test("vanished keys are looked for, and pruned, in the companies named", async () => {
  await using test = await companies();
  await test.migrate();
  await test.sql`delete from staging.shop_leads where row ->> 'id' in ('2', '3')`;
  await test.sql`delete from staging.shop_calls where row ->> 'lead_id' in ('2', '3')`;

  const report = await test.migrate({ ...A, prune: true });
  assertEquals(report.entities.map(({ entity, pruned }) => [entity, pruned]), [
    ["leads", 1],
    ["calls", 1],
  ]);
  assertEquals([await ids(test, "leads"), await ids(test, "calls")], [[1, 2], [10, 11]]);
});

Deno.test("rejects are taken again company by company", async () => {
  await using test = await companies({
    leads: LEADS.map((lead) => ({ ...lead, name: null })),
    calls: [],
  });
  await test.migrate();
  await test.sql`update staging.shop_leads set row = row || '{"name": "Mended"}'`;

  const report = await test.migrate({ ...A, retryRejects: true });
  assertEquals(counts(report, "leads"), { source: 2, inserted: 2 });
  const open = await test.sql`
    select scope_key from landfall.rejects where settled_by is null`;
  assertEquals(open.map(({ scope_key }) => scope_key), ["b"]);
});

Deno.test("status() lists the companies of a pipeline with what became of their rows", async () => {
  await using test = await companies({
    leads: [...LEADS, { company: "b", id: 4, name: null }, { company: null, id: 5, name: "Nob" }],
  });
  const listed = async () => {
    const [row] = await test.engine`select landfall.status('shop') as report`;
    return row!.report.pipelines[0].companies.map((row: Record<string, unknown>) => [
      row.company,
      row.name,
      row.state,
      row.source,
      row.migrated,
      row.rejected,
    ]);
  };

  await test.migrate(A);
  assertEquals(await listed(), [
    ["a", "A", "migrated", 4, 4, 0],
    ["b", "B", "not migrated", 3, 0, 0],
    ["c", "C", "not migrated", 0, 0, 0],
    [null, null, "not migrated", 1, 0, 0],
  ]);
  await test.migrate(B);
  assertEquals((await listed())[1], ["b", "B", "partly", 3, 2, 1]);

  const [all] = await test.engine`select landfall.status() as report`;
  assertEquals(all!.report.pipelines[0].companies, null);
});

Deno.test("define_scopes() refuses lists and transforms that do not fit (LF102), define_entity() later ones (LF103)", async () => {
  await using test = await setup();
  const define = (view: string, columns = "{}") =>
    refusal(test.sql`
      select landfall.define_scopes('shop', ${view}, ${columns}::text::jsonb)`);

  await test.sql`create view transform.listed as select 'a' as scope_key, 'A' as label`;
  await test.sql`create view transform.unnamed as select 'a' as scope_key`;
  for (
    const [view, says] of [
      ["transform.nowhere", "there is no view transform.nowhere"],
      ["transform.unnamed", "transform.unnamed lacks scope_key text or label text"],
      ["transform.listed", "transform.shop_items lacks scope_key text"],
    ]
  ) {
    const { code, message } = await define(view!);
    assertEquals([code, message], ["LF102", `Cannot define the scopes of pipeline shop: ${says}`]);
  }

  await using other = await companies();
  await other.sql`create table public.more (id int primary key)`;
  await other.sql`
    create view transform.shop_more as
    select ''::text as source_key, '{}'::jsonb as source_row, 1 as id`;
  const scopeless = await refusal(
    other.sql`select landfall.define_entity('shop', 'more', 'public.more')`,
  );
  assertEquals(scopeless.code, "LF103");
  assertStringIncludes(scopeless.message, "lacks scope_key text, as the pipeline has scopes");
});

Deno.test("verify() takes the companies named: those that are not migrated yet are no difference", async () => {
  await using test = await companies();
  await test.migrate(A);

  const one = await verify(test.engine, "shop", A);
  assertEquals([one.state, one.entities.map(({ source }) => source)], ["clean", [2, 2]]);
  assertEquals((await verify(test.engine, "shop")).differences.map(({ kind }) => kind), [
    "unmigrated",
    "unmigrated",
  ]);

  await test.sql`update public.leads set name = 'Changed' where id = 3`;
  await test.sql`delete from staging.shop_calls where row ->> 'id' = '10'`;
  const { differences } = await verify(test.engine, "shop", A);
  assertEquals(differences.map(({ entity, kind, count }) => [entity, kind, count]), [
    ["leads", "value", 1],
    ["calls", "vanished", 1],
  ]);
});

Deno.test("verify() finds a row that refers to another company's, whatever the transform says", async () => {
  await using test = await companies({
    calls: [...CALLS, { company: "b", id: 13, lead_id: 1 }],
  });
  await test.migrate();

  const { differences } = await verify(test.engine, "shop", B);
  assertEquals(differences.map(({ kind, name, sample }) => [kind, name, sample]), [[
    "scope",
    "of another company than its row in public.leads",
    [{ sourceKey: "r0004", targetKey: "13", expected: "b", actual: "a" }],
  ]]);
  assertEquals((await verify(test.engine, "shop", A)).state, "clean");
});

Deno.test("verify() finds a row whose source has gone to another company since", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await test.sql`update staging.shop_leads set row = row || '{"company": "b"}' where key = 'r0001'`;

  const { differences } = await verify(test.engine, "shop");
  assertEquals(differences.map(({ kind, sample }) => [kind, sample[0]]), [[
    "scope",
    { sourceKey: "r0001", targetKey: "1", expected: "b", actual: "a" },
  ]]);
});
