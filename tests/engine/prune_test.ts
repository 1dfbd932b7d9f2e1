import { assertEquals } from "@std/assert";
import type { RunReport } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";
import { dump, undo } from "./undoing.ts";

const LINES = {
  name: "lines",
  columns: "id int primary key, item int not null references items on delete cascade",
} as const;

Deno.test("start_run() counts the keys that have vanished, and without prune leaves their rows", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.migrate();
  const first = await dump(test.sql);
  await forget(test, "r0001");

  const report = await test.migrate();

  assertEquals(found(report), { vanished: ["r0001"] });
  assertEquals([pruned(report), report.leftovers], [{ items: 0 }, []]);
  assertEquals(await dump(test.sql), first);
});

Deno.test("start_run() prunes children before parents, and a roll-back puts all back", async () => {
  await using test = await setup(
    { rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] },
    { ...LINES, rows: [{ id: 1, item: 1 }, { id: 2, item: 2 }, { id: 3, item: 2 }] },
  );
  const empty = await dump(test.sql);
  await test.migrate();
  const first = await dump(test.sql);
  await forget(test, "r0002");
  await test.sql`delete from staging.shop_lines where key <> 'r0001'`;

  const report = await test.migrate({ prune: true });

  assertEquals([pruned(report), report.leftovers], [{ items: 1, lines: 2 }, []]);
  assertEquals(await dump(test.sql), { items: ["(1,a)"], lines: ["(1,1)"] });
  assertEquals((await undo(test, 2)).counts, { items: { restored: 1 }, lines: { restored: 2 } });
  assertEquals(await dump(test.sql), first);
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 2 }, lines: { deleted: 3 } });
  assertEquals(await dump(test.sql), empty);
});

Deno.test("start_run() does not prune what changed, what others refer to, or what is not ours", async () => {
  await using test = await setup({
    rows: [1, 2, 3, 4, 5].map((id) => ({ id, name: "a" })),
    also: `
      insert into items values (3, 'a');
      create table notes (id int primary key, item int references items on delete cascade)`,
  });
  await test.migrate({ onExisting: "keep" });
  await test.sql`update items set name = 'app' where id = 1`;
  await test.sql`insert into notes values (1, 2)`;
  await test.sql`delete from items where id = 4`;
  await forget(test, "r0001", "r0002", "r0003", "r0004", "r0005");

  const report = await test.migrate({ prune: true });

  assertEquals(pruned(report), { items: 1 });
  assertEquals(left(report), {
    "it was changed since": ["r0001"],
    "it was there before it was migrated": ["r0003"],
    "public.notes refers to it": ["r0002"],
  });
  assertEquals(await dump(test.sql), {
    items: ["(1,app)", "(2,a)", "(3,a)"],
    notes: ["(1,2)"],
  });
  assertEquals((await undo(test, 2)).counts, { items: { restored: 1 } });
  // once the row is free, the next run takes it
  await test.sql`delete from notes`;
  assertEquals(pruned(await test.migrate({ prune: true })), { items: 2 });
});

for (const action of ["on delete no action", "on delete cascade"]) {
  Deno.test(`start_run() prunes rows that refer to each other over many batches, ${action}`, async () => {
    const count = 6_500;
    await using test = await setup({
      columns: `id int primary key, next int references items ${action}, name text`,
      also: "create index on items (next)",
      many: {
        count,
        // pairs far apart, a row that refers to itself, and one on which the app's rests
        row: `jsonb_build_object('id', n, 'name', 'n' || n, 'next', case
          when n > ${count - 2} then n else ${count - 1} - n end)`,
      },
    });
    await test.migrate();
    const first = await dump(test.sql);
    await test.sql`insert into items values (0, ${count}, 'app')`;
    const before = (await dump(test.sql)).items!.length;
    await test.sql`delete from staging.shop_items`;

    const report = await test.migrate({ prune: true });

    assertEquals(pruned(report), { items: count - 1 });
    assertEquals(left(report), { "public.items refers to it": ["r0006500"] });
    assertEquals((await dump(test.sql)).items, ["(0,6500,app)", "(6500,6500,n6500)"]);
    assertEquals((await undo(test, 2)).counts, { items: { restored: count - 1 } });
    assertEquals((await dump(test.sql)).items!.length, before);
    await test.sql`delete from items where id = 0`;
    assertEquals(await dump(test.sql), first);
    assertEquals((await undo(test, 1)).counts, { items: { deleted: count } });
  });
}

Deno.test("start_run() puts a pruned row back under its drawn key, and migrates it again under another", async () => {
  await using test = await setup({
    columns: "id int generated always as identity primary key, name text not null",
    give: { id: null },
    rows: [{ name: "a" }, { name: "b" }],
  });
  await test.migrate();
  const first = await dump(test.sql);
  await forget(test, "r0001");
  await test.migrate({ prune: true });
  await test.stage([{ name: "a" }]);
  await test.migrate();
  assertEquals((await dump(test.sql)).items, ["(2,b)", "(3,a)"]);

  assertEquals((await undo(test, 2, { anyOrder: true })).why, {
    "run 3 has migrated it again": ["r0001"],
  });
  await undo(test, 3);
  assertEquals((await undo(test, 2)).counts, { items: { restored: 1 } });
  assertEquals(await dump(test.sql), first);
});

Deno.test("start_rollback() puts a pruned row back when another has taken its place in vain", async () => {
  await using test = await setup({
    columns: "id int primary key, name text unique deferrable",
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }],
  });
  await test.migrate();
  const first = await dump(test.sql);
  await forget(test, "r0001", "r0002");
  await test.migrate({ prune: true });
  await test.sql`insert into items values (9, 'a')`;

  const { counts, why } = await undo(test, 2);
  assertEquals(counts, { items: { restored: 1, left: 1 } });
  assertEquals(Object.values(why), [["r0001"]]);

  await test.sql`delete from items where id = 9`;
  assertEquals((await undo(test, 2)).counts, { items: { restored: 1 } });
  assertEquals(await dump(test.sql), first);
});

Deno.test("start_rollback() puts pruned rows back into a table that has gained and lost a column", async () => {
  await using test = await setup({
    columns: "id int primary key, name text not null, old int default 7",
    give: { old: null },
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
  });
  await test.migrate();
  await forget(test, "r0001");
  await test.migrate({ prune: true });
  await test.sql`alter table items drop column old, add column fresh int not null default 5`;

  assertEquals((await undo(test, 2)).counts, { items: { restored: 1 } });

  assertEquals((await dump(test.sql)).items, ["(1,a,5)", "(2,b,5)"]);
});

/** Takes rows out of the source. */
async function forget({ sql }: Setup, ...keys: string[]): Promise<void> {
  await sql`delete from staging.shop_items where key = any (${keys})`;
}

function pruned({ entities }: RunReport): Record<string, number> {
  return Object.fromEntries(entities.map(({ entity, pruned }) => [entity, pruned]));
}

function found({ findings }: RunReport): Record<string, string[]> {
  return Object.fromEntries(findings.map(({ finding, sample }) => [finding, sample]));
}

function left({ leftovers }: RunReport): Record<string, string[]> {
  return Object.fromEntries(leftovers.map(({ reason, sample }) => [reason, sample]));
}
