import { assertEquals, assertStringIncludes } from "@std/assert";
import { counts, finishRun, reasons } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./setup.ts";

/** A trigger function of the app's and its trigger. */
function trigger(when: string, body: string): string {
  return `
    create function public.app() returns trigger language plpgsql as $$ begin ${body} end $$;
    create trigger app ${when} on items for each row execute function public.app()`;
}

Deno.test("a row that a trigger refuses is rejected alone, in the trigger's words", async () => {
  const raises: [code: string, when: string][] = [
    ["P0001", "before insert"],
    ["AB123", "before insert"],
    ["45000", "after insert"],
    ["42501", "before insert"],
    ["23514", "after insert"],
  ];
  for (const [code, when] of raises) {
    await using test = await setup({
      also: trigger(
        when,
        `if new.id % 10 = 3 then
           raise exception using errcode = '${code}', message = 'No threes, please';
         end if;
         return new;`,
      ),
      many: { count: 50, row: "jsonb_build_object('id', n, 'name', 'Name ' || n)" },
    });

    const report = await test.migrate();

    assertEquals(counts(report), { source: 50, inserted: 45, rejected: 5 }, code);
    assertEquals(Object.keys(reasons(report)), ["No threes, please"], code);
  }
});

Deno.test("a constraint trigger that waits for the commit rejects its row alone", async () => {
  await using test = await setup({
    also: `
      create function public.app() returns trigger language plpgsql as $$ begin
        if new.id = 3 then raise 'No threes'; end if;
        return null;
      end $$;
      create constraint trigger app after insert on items deferrable initially deferred
        for each row execute function public.app()`,
    rows: [{ id: 1, name: "a" }, { id: 3, name: "b" }, { id: 4, name: "c" }],
  });

  const report = await test.migrate();

  assertEquals(reasons(report), { "No threes": ["r0002"] });
  assertEquals((await test.rows()).map(({ id }) => id), [1, 4]);
});

Deno.test("a row that a trigger leaves out is rejected", async () => {
  await using test = await setup({
    also: trigger("before insert", "if new.id = 2 then return null; end if; return new;"),
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }, { id: 3, name: "c" }],
  });

  const report = await test.migrate();

  assertEquals(reasons(report), {
    "a trigger or unique index of public.items refuses it": ["r0002"],
  });
  assertEquals((await test.rows()).map(({ id }) => id), [1, 3]);
});

Deno.test("a row that a trigger changes is written as changed, and stays so", async () => {
  await using test = await setup({
    columns: "id int primary key, name text not null, seen timestamptz",
    give: { seen: null },
    also: trigger(
      "before insert or update",
      "new.name := upper(new.name); new.seen := clock_timestamp(); return new;",
    ),
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
  });
  await test.migrate();
  const before = await test.rows();

  const again = await test.migrate();
  await test.stage([{ id: 1, name: "c" }]);
  const changed = await test.migrate();

  assertEquals(before.map(({ name }) => name), ["A", "B"]);
  assertEquals(counts(again), { source: 2, unchanged: 2 });
  assertEquals(counts(changed), { source: 2, updated: 1, unchanged: 1 });
  assertEquals((await test.rows()).map(({ name }) => name), ["C", "B"]);
});

Deno.test("a row that a trigger changes after it was written can be updated", async () => {
  await using test = await setup({
    columns: "id int primary key, name text not null, search text",
    give: { search: null },
    also: trigger(
      "after insert or update of name",
      "update public.items set search = lower(new.name) where id = new.id; return null;",
    ),
    rows: [{ id: 1, name: "A" }, { id: 2, name: "B" }],
  });
  await test.migrate();
  await test.stage([{ id: 1, name: "C" }]);

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, updated: 1, unchanged: 1 });
  assertEquals((await test.rows()).map(({ search }) => search), ["c", "b"]);
});

Deno.test("no row stays behind without lineage when a trigger changes its key", async () => {
  await using test = await setup({
    columns: "id text primary key, name text",
    also: trigger("before insert", "new.id := upper(new.id); return new;"),
    rows: [{ id: "A", name: "a" }, { id: "b", name: "b" }],
  });

  await test.migrate();

  const strangers = await test.sql`
    select id from items where id not in (select target_key from landfall.lineage)`;
  assertEquals([...strangers], []);
});

Deno.test("a trigger sees the rows of a batch that came before, and its own tables", async () => {
  await using test = await setup({
    also: `
      create table public.log (item int, total bigint);
      grant all on public.log to service_role;
      ${
      trigger(
        "after insert",
        "insert into public.log select new.id, count(*) from public.items; return null;",
      )
    }`,
    rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }],
  });

  await test.migrate({ batchSize: 1 });

  assertEquals([...await test.sql`select item, total::int from log order by item`], [
    { item: 1, total: 1 },
    { item: 2, total: 2 },
  ]);
});

Deno.test("a trigger of one partition that changes the key leaves no row without lineage", async () => {
  await using test = await setup({
    columns: "id int primary key, name text) partition by range (id",
    also: `
      create table items_low partition of items for values from (0) to (100);
      create table items_high partition of items for values from (100) to (200);
      create function public.app() returns trigger language plpgsql
        as $$ begin new.id := new.id + 50; return new; end $$;
      create trigger app before insert on items_low for each row execute function public.app()`,
    rows: [{ id: 1, name: "a" }, { id: 101, name: "b" }],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
  assertEquals(await test.rows(), [{ id: 101, name: "b" }]);
});

Deno.test("a trigger that is broken stops the run, and mending it lets the run go on", async () => {
  await using test = await setup({
    also: trigger("before insert", "perform public.nothing_there(); return new;"),
    rows: [{ id: 1, name: "a" }],
  });
  await test.engine`select landfall.start_run('shop')`;

  const { code, message } = await refusal(finishRun(test.engine, 1));
  await test.sql.unsafe(`
    create or replace function public.app() returns trigger language plpgsql
      as $$ begin return new; end $$`);
  const report = await finishRun(test.engine, 1);

  assertEquals(code, "42883");
  assertStringIncludes(message, "nothing_there");
  assertEquals(counts(report), { source: 1, inserted: 1 });
});
