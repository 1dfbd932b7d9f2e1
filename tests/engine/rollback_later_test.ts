import { assertEquals, assertStringIncludes } from "@std/assert";
import { migrate, runReport, startRun } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./setup.ts";
import { dump, undo } from "./undoing.ts";

const TEAMS = { name: "teams", columns: "id int primary key, name text" } as const;
const ITEMS = { columns: "id int primary key, team int references teams, name text" } as const;

for (const order of [[4, 3, 2, 1], [1, 2, 3, 4], [2, 4, 1, 3], [3, 1, 4, 2]]) {
  Deno.test(`start_rollback() takes back four runs in the order ${order}, to the byte`, async () => {
    await using test = await setup(
      { ...TEAMS, rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] },
      { ...ITEMS, rows: [{ id: 1, team: 1 }, { id: 2, team: 2 }, { id: 3, team: 2 }] },
    );
    await test.sql`insert into items values (99, null, 'app')`;
    const empty = await dump(test.sql);
    await test.migrate();
    await test.stage([{ id: 1, team: 2 }, { id: 2, team: 2, name: "x" }]);
    await test.stage([{ id: 1, name: "A" }], "teams");
    await test.migrate();
    await test.sql`delete from staging.shop_items where key in ('r0001', 'r0003')`;
    await test.sql`delete from staging.shop_teams where key = 'r0001'`;
    await test.migrate({ prune: true });
    await test.stage([{ id: 1, team: 2 }, { id: 2, team: 2, name: "y" }]);
    await test.migrate();

    // whatever had to be left the first time is taken in the end
    for (const run of [...order, 4, 3, 2, 1]) await undo(test, run, { anyOrder: true });

    assertEquals(await dump(test.sql), empty);
    assertEquals((await dump(test.sql, "landfall"))["landfall.lineage"], undefined);
    assertEquals((await dump(test.sql, "landfall"))["landfall.changes"], undefined);
    assertEquals((await test.migrate()).entities.map(({ inserted }) => inserted), [1, 2]);
  });

  Deno.test(`start_rollback() with force takes back in the order ${order}`, async () => {
    await using test = await setup({ rows: [1, 2, 3].map((id) => ({ id, name: "first" })) });
    await test.migrate();
    await test.stage([{ id: 1, name: "second" }, { id: 2, name: "second" }]);
    await test.migrate();
    await test.stage([{ id: 1, name: "third" }, { id: 4, name: "third" }]);
    await test.migrate();
    await test.sql`delete from staging.shop_items where key = 'r0002'`;
    await test.migrate({ prune: true });

    for (const run of [...order, ...order]) {
      await undo(test, run, { anyOrder: true, force: true });
    }

    assertEquals(await dump(test.sql), {});
    assertEquals((await dump(test.sql, "landfall"))["landfall.changes"], undefined);
  });
}

Deno.test("start_rollback() lists what later runs have made of a run's rows", async () => {
  await using test = await setup({ rows: [1, 2, 3, 4].map((id) => ({ id, name: "first" })) });
  await test.migrate();
  await test.stage([1, 2, 3].map((id) => ({ id, name: "second" })));
  await test.migrate();
  await test.stage([{ id: 1, name: "third" }]);
  await test.sql`delete from staging.shop_items where key = 'r0002'`;
  await test.migrate({ prune: true });

  assertEquals(await undo(test, 2, { anyOrder: true }), {
    state: "rolled_back",
    counts: { items: { restored: 1, left: 2 } },
    why: {
      "run 3 has changed it since": ["r0001"],
      "run 3 has deleted it since": ["r0002"],
    },
  });
  await undo(test, 3);
  assertEquals((await undo(test, 2)).counts, { items: { restored: 2 } });
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 4 } });
});

Deno.test("start_rollback() takes back tables one after the other", async () => {
  await using test = await setup(
    { ...TEAMS, rows: [{ id: 1, name: "a" }] },
    { ...ITEMS, rows: [{ id: 1, team: 1 }] },
  );
  await test.migrate();
  await test.stage([{ id: 1, name: "A" }], "teams");
  await test.stage([{ id: 1, team: 1, name: "A" }]);
  await test.migrate();

  // a parent whose children are still there is restored, but not deleted
  assertEquals(await undo(test, 2, { tables: ["teams"] }), {
    state: "completed",
    counts: { teams: { restored: 1 } },
    why: {},
  });
  // nothing newer has teams any more
  const first = await undo(test, 1, { tables: ["teams"] });
  assertEquals([first.state, first.why], ["completed", { "public.items refers to it": ["r0001"] }]);
  assertEquals((await refusal(test.engine`select landfall.start_rollback(1)`)).code, "LF401");
  assertEquals((await undo(test, 2, { tables: ["items"] })).state, "rolled_back");
  assertEquals((await undo(test, 1, { tables: ["items"] })).state, "rolled_back");
  assertEquals((await undo(test, 1)).counts.teams, { deleted: 1 });
  assertEquals(await dump(test.sql), {});
});

Deno.test("start_rollback() takes back a run that was cancelled, paused or failed", async () => {
  await using test = await setup({
    rows: [{ id: 1, name: "a" }, { id: 2 }, { id: 3, name: "c" }],
  });
  const { runId } = await startRun(test.engine, "shop", { maxRejects: 0, batchSize: 2 });
  await test.engine`select landfall.advance_run(${runId}, 600000)`;
  await test.engine`select landfall.advance_run(${runId}, 600000)`;
  await test.engine`select landfall.advance_run(${runId}, 600000)`;
  assertEquals((await runReport(test.engine, 1)).state, "failed");
  assertEquals(await undo(test, 1), {
    state: "rolled_back",
    counts: { items: { deleted: 1 } },
    why: {},
  });

  await startRun(test.engine, "shop");
  await test.engine`select landfall.cancel_run(2)`;
  assertEquals((await undo(test, 2)).counts, { items: {} });
  const failure = await refusal(test.engine`select landfall.resume_run(2)`);
  assertEquals(failure.code, "LF206");
});

Deno.test("start_rollback() opens again what the run had settled, twice the same", async () => {
  await using test = await setup({
    rows: [{ id: 1 }, { id: 2, name: "b" }, { id: 3, name: "wait" }],
    rules: [{ name: "ready", action: "defer", reason: "not yet", condition: "name <> 'wait'" }],
  });
  await test.migrate();
  const open = async () =>
    [
      ...await test.sql`
      select source_key from landfall.rejects where settled_by is null
      union all select source_key from landfall.deferred where settled_by is null order by 1`,
    ].map(({ source_key }) => source_key);
  const first = await open();
  assertEquals(first, ["r0001", "r0003"]);
  await test.stage([{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }]);
  await test.migrate();
  assertEquals(await open(), []);
  await test.sql`update items set name = 'app' where id = 1`;

  assertEquals((await undo(test, 2)).counts, { items: { deleted: 1, left: 1 } });
  assertEquals(await open(), ["r0003"]);
  assertEquals((await undo(test, 2, { force: true })).counts, { items: { deleted: 1 } });
  assertEquals(await open(), first);
  assertEquals((await test.migrate()).entities[0]?.inserted, 2);
  assertEquals(await open(), []);
});

Deno.test("start_rollback() gives back rows that were there before, updated or kept", async () => {
  await using test = await setup({
    rows: [1, 2, 3].map((id) => ({ id, name: "legacy" })),
    also: "insert into items values (1, 'app'), (2, 'app')",
  });
  const before = await dump(test.sql);
  await test.migrate({ onExisting: "keep" });
  await test.stage([1, 2, 3].map((id) => ({ id, name: "newer" })));
  await test.migrate({ onExisting: "update" });
  const updated = await dump(test.sql);
  assertEquals(updated.items, ["(1,newer)", "(2,newer)", "(3,newer)"]);
  await test.sql`delete from items where id = 2`;

  assertEquals((await undo(test, 1, { anyOrder: true })).why, {
    "run 2 has changed it since": ["r0001", "r0003"],
    "it was deleted since": ["r0002"],
  });
  assertEquals((await undo(test, 2, { force: true })).counts, { items: { restored: 3 } });
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 1, released: 2 } });
  assertEquals(await dump(test.sql), before);

  await migrate(test.engine, "shop", { onExisting: "update" });
  assertEquals((await undo(test, 3)).counts, { items: { deleted: 1, restored: 2 } });
  assertEquals(await dump(test.sql), before);
  assertEquals((await dump(test.sql, "landfall"))["landfall.lineage"], undefined);
});

Deno.test("start_rollback() needs the table, not the view (LF106)", async () => {
  await using test = await setup(
    { ...TEAMS, rows: [{ id: 1, name: "a" }] },
    { ...ITEMS, rows: [{ id: 1, team: 1, name: "a" }, { id: 2, team: 1, name: "b" }] },
  );
  await test.migrate();
  await test.sql`drop view transform.shop_items`;
  await test.sql`alter table teams add column extra text, add column more int`;
  await test.sql`alter table items drop column name`;

  assertEquals(await undo(test, 1, { tables: ["items"] }), {
    state: "completed",
    counts: { items: { left: 2 } },
    why: { "it was changed since": ["r0001", "r0002"] },
  });
  await test.sql`drop table items`;
  for (const call of ["start_rollback", "preview_rollback"]) {
    const failure = await refusal(test.engine.unsafe(`select landfall.${call}(1)`));
    assertEquals(failure.code, "LF106");
    assertStringIncludes(failure.hint, "name the tables to undo without it");
  }
  assertEquals((await undo(test, 1, { tables: ["teams"] })).counts.teams, { deleted: 1 });
});
