import { assertEquals, assertStringIncludes } from "@std/assert";
import type postgres from "postgres";
import { rollBack } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./setup.ts";
import { dump, undo } from "./undoing.ts";

const MANY = {
  count: 25_000,
  row: "jsonb_build_object('id', n, 'name', 'n' || n)",
} as const;

Deno.test("advance_rollback() goes on where a worker was killed, and two callers take turns", async () => {
  await using test = await setup({ many: MANY });
  const before = await dump(test.sql);
  await test.migrate();
  await test.engine`select landfall.start_rollback(1)`;
  await test.engine`select landfall.advance_rollback(1, 1)`;

  // one has undone its batch and dies before it is committed
  const dying = test.engine`select landfall.advance_rollback(1, 1), pg_sleep(60)`.catch((error) =>
    error.code
  );
  await waitFor(() => test.sql`select from pg_stat_activity where wait_event = 'PgSleep'`);
  await test.sql`
    select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`;
  await dying;

  const reports = await Promise.all([rollBack(test.engine, 1), rollBack(test.engine, 1)]);

  for (const { state, entities, leftovers, progress } of reports) {
    assertEquals([state, leftovers], ["rolled_back", []]);
    assertEquals(entities.map(({ deleted }) => deleted), [MANY.count]);
    assertEquals(progress, { done: MANY.count, total: MANY.count });
  }
  assertEquals(await dump(test.sql), before);
});

for (const action of ["cascade", "set null", "no action"]) {
  Deno.test(`advance_rollback() waits for a child that the app is inserting, on delete ${action}`, async () => {
    await using test = await setup({
      rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
      also:
        `create table notes (id int primary key, item int references items on delete ${action})`,
    });
    await test.migrate();
    await test.engine`select landfall.start_rollback(1)`;
    let commit = () => {};
    const told = new Promise<void>((resolve) => commit = resolve);
    let inserted = () => {};
    const there = new Promise<void>((resolve) => inserted = resolve);
    const app = test.sql.begin(async (sql) => {
      await sql`insert into notes values (1, 1)`;
      inserted();
      await told;
    });
    await there;

    const rolled = rollBack(test.engine, 1);
    await waitFor(() => test.sql`select from pg_stat_activity where wait_event_type = 'Lock'`);
    commit();
    await app;

    assertEquals((await rolled).leftovers.map(({ reason, count }) => [reason, count]), [
      ["public.notes refers to it", 1],
    ]);
    assertEquals(await dump(test.sql), { items: ["(1,a)"], notes: ["(1,1)"] });
  });
}

Deno.test("start_rollback() works on tables of another owner, whose triggers have their say", async () => {
  await using test = await setup({
    columns: "id int primary key, name text, touched int default 0",
    give: { touched: null },
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
    also: `
      create function public.touch() returns trigger language plpgsql as
        $$ begin new.touched := old.touched + 1; return new; end $$;
      create trigger touch before update on items for each row execute function public.touch();
      alter table items enable row level security`,
  });
  await test.migrate();
  await test.stage([{ id: 1, name: "A" }]);
  await test.migrate();
  await giveAway(test.sql, "items");

  const { counts } = await undo(test, 2);

  assertEquals(counts, { items: { restored: 1, rewritten: 1 } });
  assertEquals((await dump(test.database.as("service_role"))).items, ["(1,a,2)", "(2,b,0)"]);
  // what the trigger made of the row is no change since
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 2 } });
});

Deno.test("start_rollback() keeps triggers silent that would rewrite what it restores", async () => {
  await using test = await setup({
    columns: "id int primary key, name text, touched int default 0, later int default 0",
    give: { touched: null, later: null },
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
    also: `
      create function public.touch() returns trigger language plpgsql as
        $$ begin new.touched := new.touched + 1; return new; end $$;
      create trigger touch before insert or update on items
        for each row execute function public.touch();
      create trigger always before update on items for each row execute function public.touch();
      alter table items enable always trigger always;
      create trigger off before update on items for each row execute function public.touch();
      alter table items disable trigger off`,
  });
  await test.migrate();
  const first = await dump(test.sql);
  await test.stage([{ id: 1, name: "A" }]);
  await test.migrate();
  const second = await dump(test.sql);
  await test.sql`delete from staging.shop_items`;
  await test.migrate({ prune: true });

  assertEquals((await undo(test, 3)).counts, { items: { restored: 2 } });
  assertEquals(await dump(test.sql), second);
  assertEquals((await undo(test, 2)).counts, { items: { restored: 1 } });
  assertEquals(await dump(test.sql), first);
});

Deno.test("start_rollback() counts rows that a trigger after it writes once more, and takes them back", async () => {
  await using test = await setup({
    columns: "id int primary key, name text, words text",
    give: { words: null },
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
    also: `
      create function public.index_it() returns trigger language plpgsql as $$ begin
        if pg_trigger_depth() = 1 then
          update public.items set words = coalesce(words, '') || new.name where id = new.id;
        end if;
        return null;
      end $$;
      create trigger index_it after insert or update on items
        for each row execute function public.index_it()`,
  });
  await test.migrate();
  await test.stage([{ id: 1, name: "A" }]);
  await test.migrate();
  assertEquals((await dump(test.sql)).items, ["(1,A,aA)", "(2,b,b)"]);

  assertEquals((await undo(test, 2)).counts, { items: { restored: 1, rewritten: 1 } });
  assertEquals((await dump(test.sql)).items, ["(1,a,aa)", "(2,b,b)"]);
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 2 } });
});

Deno.test("start_rollback() needs to read the tables that refer to its own (LF212)", async () => {
  await using test = await setup({
    rows: [{ id: 1, name: "a" }],
    also: `
      create schema hidden;
      create table hidden.notes (id int primary key, item int references items on delete cascade);
      insert into hidden.notes values (1, null)`,
  });
  await test.migrate();

  const failure = await refusal(test.engine`select landfall.start_rollback(1)`);
  assertEquals(failure.code, "LF212");
  assertStringIncludes(failure.message, "hidden.notes");

  await test.sql`grant usage on schema hidden to service_role`;
  await test.sql`grant select on hidden.notes to service_role`;
  assertEquals((await undo(test, 1)).counts, { items: { deleted: 1 } });
});

async function waitFor(query: () => PromiseLike<readonly unknown[]>): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if ((await query()).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("It did not come to pass");
}

async function giveAway(sql: postgres.Sql, table: string): Promise<void> {
  await sql.unsafe(`
    create role somebody;
    grant somebody to postgres;
    grant create on schema public to somebody;
    alter table ${table} owner to somebody;
    revoke somebody from postgres`);
}
