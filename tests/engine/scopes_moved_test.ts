import { assertEquals } from "@std/assert";
import { refusal } from "../support/refusal.ts";
import { counts, migrate, rollBack, runReport, verify } from "../support/migration.ts";
import { CALLS, companies, defineScopes, LEADS } from "./companies.ts";
import { type Setup, setup } from "./setup.ts";

const A = { sourceCompany: ["a"] };
const B = { sourceCompany: ["b"] };
const AB = { sourceCompany: ["a", "b"] };

/** Lead 1 goes from company a to company b, and is otherwise as it was. */
async function move(test: Setup): Promise<void> {
  await test.sql`update staging.shop_leads set row = row || '{"company": "b"}' where key = 'r0001'`;
}

async function scopeOf(test: Setup, key = "r0001"): Promise<unknown> {
  const [row] = await test.sql`select scope_key from landfall.lineage where source_key = ${key}`;
  return row?.scope_key;
}

async function ids(test: Setup): Promise<unknown[]> {
  return (await test.rows("leads")).map(({ id }) => id);
}

Deno.test("a row that goes to another company, and is otherwise the same, is that company's from then on", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await move(test);

  const run = await test.migrate(B);
  assertEquals([counts(run, "leads"), await scopeOf(test)], [
    { source: 2, updated: 1, unchanged: 1 },
    "b",
  ]);
  assertEquals((await verify(test.engine, "shop")).state, "clean");
  assertEquals(counts(await test.migrate(), "leads"), { source: 3, unchanged: 3 });
});

Deno.test("companies that are defined after a run are told apart by the next", async () => {
  await using test = await setup({
    name: "leads",
    columns: "id int primary key, name text not null",
    give: { scope_key: "row ->> 'company'" },
  });
  await test.stage(LEADS, "leads");
  await test.migrate();
  await defineScopes(test.sql);

  await test.migrate();
  assertEquals((await verify(test.engine, "shop", A)).state, "clean");
  await rollBack(test.engine, 2, A);
  assertEquals(await scopeOf(test), null);
});

Deno.test("a company's run prunes nothing that another company has now, and says that it moved", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await move(test);
  await test.sql`delete from staging.shop_leads where key = 'r0003'`;

  const run = await test.migrate({ ...A, prune: true });
  assertEquals(run.findings.map(({ finding, count, sample }) => [finding, count, sample]), [
    ["moved", 1, ["r0001"]],
    ["vanished", 1, ["r0003"]],
  ]);
  assertEquals(await ids(test), [1, 2]);
});

Deno.test("start_rollback() of a company leaves what another company's run has taken over (LF401)", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await move(test);
  await test.migrate(B);

  assertEquals((await refusal(rollBack(test.engine, 1, { ...A, force: true }))).code, "LF401");
  await rollBack(test.engine, 1, { ...A, force: true, anyOrder: true });
  assertEquals([await ids(test), await scopeOf(test)], [[1, 2], "b"]);
  await rollBack(test.engine, 2, B);
  assertEquals(await scopeOf(test), "a");
});

Deno.test("a reject whose row went to another company is taken again with that company, and reopened with it", async () => {
  await using test = await companies({
    leads: LEADS.map((lead) => lead.id === 1 ? { ...lead, name: null } : lead),
    calls: [],
  });
  await test.migrate();
  await test.sql`
    update staging.shop_leads set row = row || '{"company": "b", "name": "Ann"}'
    where key = 'r0001'`;

  assertEquals((await test.migrate({ ...A, retryRejects: true })).progress, { done: 0, total: 0 });
  const run = await test.migrate({ ...B, retryRejects: true });
  assertEquals(counts(run, "leads"), { source: 1, inserted: 1 });
  await rollBack(test.engine, run.runId!, B);
  const [reject] = await test.sql`select run_id, settled_by from landfall.rejects`;
  assertEquals({ ...reject }, { run_id: "1", settled_by: null });
});

Deno.test("a stopped company is not pruned", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await test.sql`
    update staging.shop_leads set key = 'x' || key, row = row || '{"name": null}'
    where row ->> 'company' = 'a'`;

  const run = await migrate(test.engine, "shop", { prune: true, maxRejects: 1, batchSize: 1 });
  assertEquals(run.companies?.stopped.map(({ company }) => company), ["a"]);
  assertEquals(await ids(test), [1, 2, 3]);
});

Deno.test("rows of no company have a budget of their own, past which the run fails", async () => {
  const nobodys = [5, 6, 7].map((id) => ({ company: null, id, name: null }));
  await using test = await companies({ leads: [...LEADS, ...nobodys], calls: [] });

  const run = await test.migrate({ maxRejects: 2 });
  assertEquals([run.state, run.error?.code, run.companies?.stopped], ["failed", "LF211", []]);
});

Deno.test("companies that are taken back one by one take the run back, newest run first", async () => {
  await using test = await companies();
  await test.migrate();
  await test.sql`update staging.shop_leads set row = row || '{"name": "New"}'`;
  await test.migrate();
  const state = async (run: number) => (await runReport(test.engine, run)).state;

  await rollBack(test.engine, 2, A);
  await rollBack(test.engine, 1, A);
  assertEquals([await ids(test), await state(2), await state(1)], [[2], "completed", "completed"]);
  await rollBack(test.engine, 2, B);
  await rollBack(test.engine, 1, B);
  assertEquals([await ids(test), await state(2), await state(1)], [
    [],
    "rolled_back",
    "rolled_back",
  ]);
});

Deno.test("a company that a run has only pruned is taken back, too", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await test.sql`delete from staging.shop_leads where row ->> 'company' = 'b'`;
  const run = await test.migrate({ prune: true });
  assertEquals([await ids(test), run.companies?.count], [[1, 3], 2]);

  await rollBack(test.engine, 2, B);
  assertEquals(await ids(test), [1, 2, 3]);
});

Deno.test("a roll-back of one company keeps what is told of another's, and joins only its own", async () => {
  await using test = await companies({ calls: CALLS });
  await test.migrate();
  await test.sql`update public.calls set lead_id = 1 where id = 10`;
  await test.sql`update public.leads set name = 'Edited' where id = 3`;

  assertEquals((await rollBack(test.engine, 1, A)).leftovers.length, 1);
  assertEquals((await rollBack(test.engine, 1, B)).leftovers.length, 1);
  await test.migrate();
  await test.engine`select landfall.start_rollback(2, ${test.engine.json(AB)})`;
  const other = await refusal(
    test.engine`select landfall.start_rollback(2, ${test.engine.json(A)})`,
  );
  assertEquals(other.code, "LF402");
});

Deno.test("status() and rejects know whose a row is that does not even read", async () => {
  await using test = await companies({ calls: [] });
  await test.sql`
    create or replace view transform.shop_leads with (security_invoker = true) as
    select key as source_key, case when key = 'r0001' then ('{' || key)::jsonb else row end
      as source_row,
      (row ->> 'id')::int as id, case when key = 'r0001' then (1 / (length(key) - 5))::text
        else row ->> 'name' end as name, row ->> 'company' as scope_key
    from staging.shop_leads`;
  await test.migrate();

  const rejects = await test.sql`select source_key, scope_key from landfall.rejects`;
  assertEquals(rejects.map((row) => ({ ...row })), [{ source_key: "r0001", scope_key: "a" }]);
});

Deno.test("status() takes rows that are left for what they are, whatever else has vanished", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await test.sql`update staging.shop_leads set key = 'r0009' where key = 'r0001'`;
  const state = async () => {
    const [row] = await test.engine`
      select landfall.status('shop') #>> '{pipelines,0,companies,0,state}' as state`;
    return row!.state;
  };

  assertEquals(await state(), "partly");
  await test.sql`delete from landfall.entities where pipeline = 'shop'`;
  assertEquals(await state(), "not migrated");
});

Deno.test("a target's own column scope_key is no company's in a pipeline without companies", async () => {
  await using test = await setup({
    columns: "id int primary key, scope_key int not null",
    rows: [1, 2, 3].map((id) => ({ id, scope_key: id === 1 ? 1 : null })),
  });

  const run = await test.migrate({ maxRejects: 1 });
  assertEquals([run.state, run.companies, counts(run)], [
    "failed",
    null,
    { source: 3, inserted: 1, rejected: 2 },
  ]);
});

Deno.test("verify() lets a row refer to one that is of no company, and so of all", async () => {
  await using test = await companies({
    leads: [...LEADS, { company: null, id: 5, name: "Shared" }],
    calls: [...CALLS, { company: "a", id: 15, lead_id: 5 }],
  });
  await test.migrate();
  assertEquals((await verify(test.engine, "shop")).state, "clean");
});
