import { assertEquals } from "@std/assert";
import { setup } from "./setup.ts";
import { dump, undo } from "./undoing.ts";

/** All that a foreign key may say of deletes. */
const ACTIONS = [
  "on delete no action",
  "on delete restrict",
  "on delete cascade",
  "on delete set null",
  "on delete set default",
  "on delete no action deferrable initially deferred",
  "on delete cascade deferrable initially deferred",
  "on delete set null deferrable initially deferred",
];

for (const action of ACTIONS) {
  Deno.test(`start_rollback() leaves a row of which the app's refers, with ${action}`, async () => {
    await using test = await setup({
      rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }],
      also:
        `create table notes (id int primary key, item int default 3 references items ${action})`,
    });
    const empty = await dump(test.sql);
    await test.migrate();
    await test.sql`insert into notes values (1, 2), (2, null)`;
    const notes = (await dump(test.sql)).notes;

    assertEquals(await undo(test, 1), {
      state: "rolled_back",
      counts: { items: { deleted: 2, left: 1 } },
      why: { "public.notes refers to it": ["r0002"] },
    });
    assertEquals((await undo(test, 1, { force: true })).counts, { items: { left: 1 } });
    assertEquals((await dump(test.sql)).notes, notes);

    await test.sql`delete from notes`;
    assertEquals((await undo(test, 1)).counts, { items: { deleted: 1 } });
    assertEquals(await dump(test.sql), empty);
  });

  Deno.test(`start_rollback() leaves the parents of a row it leaves, with ${action}`, async () => {
    await using test = await setup({
      columns:
        `id int primary key, name text not null, boss int default 1 references items ${action}`,
      rows: [
        { id: 1, name: "a" },
        { id: 2, name: "b", boss: 1 },
        { id: 3, name: "c", boss: 2 },
        { id: 4, name: "d", boss: 4 },
      ],
    });
    const empty = await dump(test.sql);
    await test.migrate();
    await test.sql`update items set name = 'app' where id = 3`;

    assertEquals(await undo(test, 1), {
      state: "rolled_back",
      counts: { items: { deleted: 1, left: 3 } },
      why: {
        "it was changed since": ["r0003"],
        "public.items refers to it": ["r0001", "r0002"],
      },
    });
    assertEquals((await dump(test.sql)).items, ["(1,a,)", "(2,b,1)", "(3,app,2)"]);

    assertEquals((await undo(test, 1, { force: true })).counts, { items: { deleted: 3 } });
    assertEquals(await dump(test.sql), empty);
  });

  Deno.test(`start_rollback() frees a new row of an older one's reference, with ${action}`, async () => {
    await using test = await setup({
      columns:
        `id int primary key, name text not null, boss int default 1 references items ${action}`,
      rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
    });
    await test.migrate();
    const first = await dump(test.sql);
    await test.stage([{ id: 1, name: "A", boss: 3 }, { id: 2, name: "b" }, {
      id: 3,
      name: "c",
      boss: 1,
    }]);
    await test.migrate();
    await test.sql`insert into items values (9, 'app', 2)`;
    await test.sql`delete from items where id = 9`;

    assertEquals((await undo(test, 2)).counts, { items: { deleted: 1, restored: 1 } });
    assertEquals(await dump(test.sql), first);
  });
}

Deno.test("start_rollback() leaves a row that a later child of the pipeline's other table needs", async () => {
  await using test = await setup(
    { name: "teams", columns: "id int primary key, name text", rows: [{ id: 1 }, { id: 2 }] },
    {
      columns: "id int primary key, team int references teams on delete cascade",
      rows: [{ id: 1, team: 1 }, { id: 2, team: 2 }],
    },
  );
  const empty = await dump(test.sql);
  await test.migrate();
  await test.sql`update items set team = 1 where id = 2`;

  const { counts, why } = await undo(test, 1);

  assertEquals(counts, { items: { deleted: 1, left: 1 }, teams: { deleted: 1, left: 1 } });
  assertEquals(why, {
    "it was changed since": ["r0002"],
    "public.items refers to it": ["r0001"],
  });
  assertEquals((await undo(test, 1, { force: true })).counts, {
    items: { deleted: 1 },
    teams: { deleted: 1 },
  });
  assertEquals(await dump(test.sql), empty);
});

Deno.test("start_rollback() leaves what would empty the app's row through its new value", async () => {
  await using test = await setup({
    columns: "id int primary key, code text unique",
    rows: [{ id: 1, code: "a" }, { id: 2, code: "b" }],
    also: `create table notes (
      id int primary key, code text references items (code) on update set null)`,
  });
  await test.migrate();
  await test.stage([{ id: 1, code: "A" }, { id: 2, code: "B" }]);
  await test.migrate();
  await test.sql`insert into notes values (1, 'A')`;

  const { counts, why } = await undo(test, 2, { force: true });

  assertEquals(counts, { items: { restored: 1, left: 1 } });
  assertEquals(why, { "public.notes refers to it": ["r0001"] });
  assertEquals((await dump(test.sql)).notes, ["(1,A)"]);
});

Deno.test("start_rollback() restores a row to which others refer, also in a second pass", async () => {
  await using test = await setup({
    columns: "id int primary key, name text unique",
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }],
    also: "create table notes (id int primary key, item int references items on delete cascade)",
  });
  await test.migrate();
  const first = (await dump(test.sql)).items;
  // each takes the name the one before gave up
  await test.stage([{ id: 1, name: "x" }, { id: 2, name: "a" }, { id: 3, name: "b" }]);
  await test.migrate();
  await test.migrate();
  await test.migrate();
  await test.sql`insert into notes select id, id from items`;

  for (const run of [4, 3, 2]) assertEquals((await undo(test, run)).why, {});
  assertEquals((await dump(test.sql)).items, first);
});

Deno.test("start_rollback() leaves a row that a trigger keeps, and says so", async () => {
  await using test = await setup({
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }],
    also: `
      create function public.guard() returns trigger language plpgsql as $$ begin
        if old.id = 2 then return null; end if;
        if old.id = 3 then raise exception 'row % is dear to us', old.id using errcode = '42501'; end if;
        return old;
      end $$;
      create trigger guard before delete on items for each row execute function public.guard()`,
  });
  await test.migrate();

  const { state, counts, why } = await undo(test, 1, { force: true });

  assertEquals([state, counts], ["rolled_back", { items: { deleted: 1, left: 2 } }]);
  assertEquals(why, {
    "a trigger of public.items keeps it": ["r0002"],
    "row 3 is dear to us": ["r0003"],
  });
});

Deno.test("start_rollback() leaves a changed row whose update a trigger refuses", async () => {
  await using test = await setup({
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
    also: `
      create function public.guard() returns trigger language plpgsql as $$ begin
        if new.name = 'a' then raise exception 'never again'; end if;
        return null;
      end $$`,
  });
  await test.migrate();
  await test.stage([{ id: 1, name: "A" }, { id: 2, name: "B" }]);
  await test.migrate();
  await test.sql`
    create trigger guard after update on items for each row execute function public.guard()`;

  const { counts, why } = await undo(test, 2);

  assertEquals(counts, { items: { restored: 1, left: 1 } });
  assertEquals(why, { "never again": ["r0001"] });
});

Deno.test("start_rollback() leaves what the app changed, and takes it with force", async () => {
  await using test = await setup({
    rows: [1, 2, 3, 4, 5, 6].map((id) => ({ id, name: "first" })),
  });
  const empty = await dump(test.sql);
  await test.migrate();
  const first = await dump(test.sql);
  await test.stage([1, 2, 3].map((id) => ({ id, name: "second" })));
  await test.migrate();
  await test.sql`update items set name = 'app' where id in (1, 4)`;
  await test.sql`delete from items where id in (2, 5)`;

  assertEquals(await undo(test, 2), {
    state: "rolled_back",
    counts: { items: { restored: 1, left: 2 } },
    why: { "it was changed since": ["r0001"], "it was deleted since": ["r0002"] },
  });
  assertEquals((await undo(test, 2, { force: true })).counts, { items: { restored: 2 } });
  assertEquals((await dump(test.sql)).items, [
    "(1,first)",
    "(2,first)",
    "(3,first)",
    "(4,app)",
    "(6,first)",
  ]);
  assertEquals(await undo(test, 1), {
    state: "rolled_back",
    counts: { items: { deleted: 4, released: 1, left: 1 } },
    why: { "it was changed since": ["r0004"] },
  });
  await test.sql`update items set name = 'first'`;
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 1 } });
  assertEquals(await dump(test.sql), empty);
  assertEquals((await dump(test.sql, "landfall"))["landfall.lineage"], undefined);
  await test.migrate();
  assertEquals((await dump(test.sql)).items!.length, first.items!.length);
});
