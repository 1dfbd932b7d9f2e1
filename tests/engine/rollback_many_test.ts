import { assertEquals } from "@std/assert";
import { migrate, rollBack } from "../support/migration.ts";
import { setup } from "./setup.ts";
import { dump, undo } from "./undoing.ts";

Deno.test("start_rollback() hands unique values back from row to row", async () => {
  const count = 8;
  await using test = await setup({
    columns: "id int primary key, name text",
    also: `
      create unique index on items (lower(name));
      create unique index on items (length(name)) where name like 'long%'`,
    many: { count, row: "jsonb_build_object('id', n, 'name', 'Name ' || n)" },
  });
  await test.migrate();
  const first = await dump(test.sql);
  // each takes the name of the next, once that has given it up
  await test.sql.unsafe(`
    update staging.shop_items set row = jsonb_build_object('id', row -> 'id', 'name',
      case when (row ->> 'id')::int = ${count} then 'long one' else 'NAME ' || (row ->> 'id')::int + 1 end)`);
  let runs = 1;
  for (let open = 1; open > 0 && runs < count + 5; runs++) {
    open = (await test.migrate()).rejects.length;
  }

  for (let run = runs; run > 1; run--) assertEquals((await undo(test, run)).why, {});
  assertEquals(await dump(test.sql), first);
});

Deno.test("start_rollback() takes back 25,000 rows in batches, those that refer to each other too", async () => {
  const count = 25_000;
  await using test = await setup({
    columns: "id int primary key, boss int references items, name text unique",
    also: "create index on items (boss)",
    many: {
      count,
      // pairs far apart, and chains
      row: `jsonb_build_object('id', n, 'name', 'n' || n, 'boss', case
        when n <= 100 or n > ${count - 100} then ${count + 1} - n
        when n % 50 > 0 then n + case when n < ${count} / 2 then 1 else -1 end end)`,
    },
  });
  await migrate(test.engine, "shop");
  const first = await dump(test.sql);
  await test.sql`update staging.shop_items set row = row || '{"name": null}'`;
  await migrate(test.engine, "shop");
  await test.sql`delete from staging.shop_items`;
  await migrate(test.engine, "shop", { prune: true });
  assertEquals(await dump(test.sql), {});

  assertEquals((await rollBack(test.engine, 3)).entities[0]?.restored, count);
  assertEquals((await undo(test, 2)).counts, { items: { restored: count } });
  assertEquals(await dump(test.sql), first);
  assertEquals((await rollBack(test.engine, 1)).entities[0]?.deleted, count);
  assertEquals(await dump(test.sql), {});
});
