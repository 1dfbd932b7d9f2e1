import { assertEquals } from "@std/assert";
import { refusal } from "../support/refusal.ts";
import { migrate, previewRollback, rollBack, runReport, verify } from "../support/migration.ts";
import { companies, defineScopes, LEADS } from "./companies.ts";
import { setup } from "./setup.ts";

const A = { sourceCompany: ["a"] };
const B = { sourceCompany: ["b"] };

Deno.test("start_rollback() takes one company back and leaves the others", async () => {
  await using test = await companies();
  await test.migrate();
  const left = async () => [await test.rows("leads"), await test.rows("calls")];

  const preview = await previewRollback(test.engine, 1, A);
  const report = await rollBack(test.engine, 1, A);
  assertEquals(report.entities.map(({ entity, deleted }) => [entity, deleted]), [
    ["calls", 2],
    ["leads", 2],
  ]);
  assertEquals(preview.entities.map(({ deleted }) => deleted), [2, 2]);
  assertEquals(await left(), [[{ id: 2, name: "Bob" }], [{ id: 11, lead_id: 2 }]]);
  assertEquals((await runReport(test.engine, 1)).state, "completed");
  assertEquals((await verify(test.engine, "shop", B)).state, "clean");

  await rollBack(test.engine, 1, { tables: ["calls"] });
  assertEquals((await runReport(test.engine, 1)).state, "completed");
  await rollBack(test.engine, 1);
  assertEquals([await left(), (await runReport(test.engine, 1)).state], [[[], []], "rolled_back"]);
});

Deno.test("a company that was taken back is migrated anew, and its rejects are open again", async () => {
  await using test = await companies({
    leads: LEADS.map((lead) => lead.id === 1 ? { ...lead, name: null } : lead),
    calls: [],
  });
  await test.migrate();
  await test.sql`update staging.shop_leads set row = row || '{"name": "Ann"}' where key = 'r0001'`;
  await test.migrate({ retryRejects: true });

  await rollBack(test.engine, 2, A);
  const [reject] = await test.sql`select source_key, settled_by from landfall.rejects`;
  assertEquals(reject, { source_key: "r0001", settled_by: null });
  await test.migrate(A);
  assertEquals((await test.rows("leads")).map(({ id }) => id), [1, 2, 3]);
});

Deno.test("start_rollback() minds newer runs of the same companies only (LF401)", async () => {
  await using test = await companies();
  await test.migrate(A);
  await test.migrate(B);
  await test.sql`update staging.shop_leads set row = row || '{"name": "Al"}' where key = 'r0001'`;
  await test.migrate(A);

  const newer = await refusal(rollBack(test.engine, 1));
  assertEquals([newer.code, newer.message], ["LF401", "Cannot roll back run 1: run 3 is newer"]);
  await rollBack(test.engine, 2);
  await rollBack(test.engine, 3, A);
  await rollBack(test.engine, 1);
  assertEquals(await test.rows("leads"), []);
});

Deno.test("start_rollback() refuses a company that the run did not take (LF213)", async () => {
  await using test = await companies();
  await test.migrate(A);

  const { code, message } = await refusal(rollBack(test.engine, 1, B));
  assertEquals([code, message], ["LF213", "Run 1 has no source company b"]);
  assertEquals((await refusal(rollBack(test.engine, 1, { sourceCompany: [] }))).code, "LF203");
});

Deno.test("a row that went to another company goes back to the one it came from", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await test.sql`
    update staging.shop_leads set row = row || '{"company": "b", "name": "Anna"}'
    where key = 'r0001'`;
  await migrate(test.engine, "shop", B);
  const scope = async () => {
    const [row] = await test.sql`
      select scope_key from landfall.lineage where source_key = 'r0001'`;
    return row!.scope_key;
  };
  assertEquals(await scope(), "b");

  assertEquals((await rollBack(test.engine, 2, B)).entities[1]!.restored, 1);
  assertEquals([await scope(), (await test.rows("leads"))[0]!.name], ["a", "Ann"]);
});

Deno.test("rows that a company's run pruned are put back with it", async () => {
  await using test = await companies({ calls: [] });
  await test.migrate();
  await test.sql`delete from staging.shop_leads where row ->> 'id' in ('2', '3')`;
  await test.migrate({ sourceCompany: ["a", "b"], prune: true });
  assertEquals((await test.rows("leads")).map(({ id }) => id), [1]);

  await rollBack(test.engine, 2, A);
  assertEquals((await test.rows("leads")).map(({ id }) => id), [1, 3]);
});

Deno.test("a roll-back of one company does not take up what another's has left", async () => {
  await using test = await setup({
    name: "leads",
    columns: "id int primary key, boss_id int references public.leads, name text not null",
    give: { scope_key: "row ->> 'company'" },
  });
  await test.stage(LEADS, "leads");
  await defineScopes(test.sql);
  await test.migrate();
  // an app's row holds the lead of company a, by a foreign key of its own table
  await test.sql`insert into public.leads values (9, 1, 'Held')`;

  assertEquals((await rollBack(test.engine, 1, A)).leftovers.map(({ sample }) => sample), [[
    "r0001",
  ]]);
  await test.sql`delete from public.leads where id = 9`;
  await rollBack(test.engine, 1, B);
  assertEquals((await test.rows("leads")).map(({ id }) => id), [1]);
  await rollBack(test.engine, 1, A);
  assertEquals(await test.rows("leads"), []);
});
