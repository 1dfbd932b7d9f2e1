import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import { advance, counts, finishRun, outcome, startRun } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";
import { competing } from "./competing.ts";

Deno.test("two workers never take the same rows, and end as one does", async () => {
  await using alone = await competing();
  await using together = await competing();
  await startRun(alone.engine, "shop", { batchSize: 20 });
  const expected = await finishRun(alone.engine, 1);

  await startRun(together.engine, "shop", { batchSize: 20 });
  const reports = await Promise.all(
    Array.from({ length: 3 }, () => finishRun(together.engine, 1)),
  );

  for (const report of reports) assertEquals(outcome(report), outcome(expected));
  assertEquals(await together.contents(), await alone.contents());
  const [batches] = await together.sql`
    select count(*)::int as overlapping
    from landfall.batches as one
    join landfall.batches as other using (run_id, entity_id)
    where one.seq < other.seq and one.to_key >= other.from_key and one.planned_rows > 0
      and other.planned_rows > 0 and not exists (
        select from landfall.run_keys
        where run_keys.source_key between other.from_key and other.to_key)`;
  assertEquals(batches, { overlapping: 0 });
});

Deno.test("a worker leaves the batch that another holds", async () => {
  await using test = await setup({
    many: { count: 30, row: "jsonb_build_object('id', n, 'name', 'x')" },
  });
  await startRun(test.engine, "shop", { batchSize: 10 });
  while ((await advance(test.engine, 1, 1)).done === 0);

  const other = await test.engine.reserve();
  await other`begin`;
  await advance(other as unknown as postgres.Sql, 1, 1);
  const mine = await advance(test.engine, 1, 1);
  const idle = await advance(test.engine, 1, 1);
  await other`commit`;
  other.release();
  const report = await finishRun(test.engine, 1);

  assertEquals([mine.rows, mine.idle, idle.rows, idle.idle], [10, false, 0, true]);
  assertEquals(counts(report), { source: 30, inserted: 30 });
});

Deno.test("a row whose parent another worker writes at that very moment is not lost", async () => {
  await using test = await setup({
    columns: "id int primary key, boss int references items",
    also: `
      create function public.wait() returns trigger language plpgsql as $$ begin
        perform pg_advisory_xact_lock(1);
        return new;
      end $$;
      create trigger wait before insert on items for each row when (new.id = 1)
        execute function public.wait()`,
    rows: [{ id: 1 }, { id: 2, boss: 3 }, { id: 3 }],
  });
  await startRun(test.engine, "shop", { batchSize: 2 });
  while (!(await test.sql`select from landfall.batches`).length) await advance(test.engine, 1, 1);
  const gate = await test.sql.reserve();
  await gate`select pg_advisory_lock(1)`;

  await Promise.all([
    // writes rows 1 and 2, and is held up when it has looked for row 3 in vain
    advance(test.engine, 1, 1),
    untilWaiting(test.sql)
      .then(() => advance(test.engine, 1, 1))
      .then(() => gate`select pg_advisory_unlock(1)`)
      .then(() => gate.release()),
  ]);
  const report = await finishRun(test.engine, 1);

  assertEquals(counts(report), { source: 3, inserted: 3 });
});

Deno.test("tables that do not depend on each other are written side by side", async () => {
  await using test = await setup({ name: "one", rows: [{ id: 1, name: "a" }] }, {
    name: "other",
    rows: [{ id: 1, name: "a" }],
  });
  await startRun(test.engine, "shop");
  const holder = await test.engine.reserve();
  await holder`begin`;
  while ((await advance(holder as unknown as postgres.Sql, 1, 1)).rows === 0) {
    await holder`commit`;
    await holder`begin`;
  }

  let idle = false;
  while (!idle) ({ idle } = await advance(test.engine, 1, 1));
  const written = await Promise.all([test.rows("one"), test.rows("other")]);
  await holder`commit`;
  holder.release();

  assertEquals(written.map(({ length }) => length), [0, 1]);
});

Deno.test("pause_run() and cancel_run() wait for the batch being written, and no longer", async () => {
  for (const call of ["pause_run", "cancel_run"]) {
    await using test = await setup({
      many: { count: 30, row: "jsonb_build_object('id', n, 'name', 'x')" },
    });
    await startRun(test.engine, "shop", { batchSize: 10 });
    while ((await advance(test.engine, 1, 1)).done === 0);
    const worker = await test.engine.reserve();
    await worker`begin`;
    await advance(worker as unknown as postgres.Sql, 1, 1);

    const [[stopped]] = await Promise.all([
      test.engine.unsafe(`select landfall.${call}(1) as report`),
      untilWaiting(test.sql).then(() => worker`commit`).then(() => worker.release()),
    ]);

    assertEquals(stopped!.report.progress.done, 20);
    assertEquals((await advance(test.engine, 1)).rows, 0);
  }
});

Deno.test("a deadlock with the app is waited out, and nothing is lost or done twice", async () => {
  await using test = await setup({
    many: { count: 40, row: "jsonb_build_object('id', n, 'name', 'x')" },
  });
  await test.migrate();
  await test.sql`update staging.shop_items set row = row || '{"name": "y"}'`;
  await startRun(test.engine, "shop", { batchSize: 40 });
  const app = await patientApp(test);

  const [report] = await Promise.all([
    finishRun(test.engine, 2),
    app.begin(async (app) => {
      await app`update items set name = name where id = 40`;
      await untilWaiting(test.sql);
      // the worker has row 1 and waits for row 40
      await app`update items set name = name where id = 1`;
    }),
  ]);
  await app.end();

  assertEquals(counts(report), { source: 40, updated: 40 });
});

Deno.test("a worker in a deadlock over a whole table lets go of what its call has locked", async () => {
  await using test = await setup({
    name: "parents",
    columns: "id int primary key",
    rows: [{ id: 1 }],
  }, {
    columns: "id int primary key, parent int not null references parents",
    many: { count: 10_000, row: "jsonb_build_object('id', n, 'parent', 1)" },
  });
  await startRun(test.engine, "shop");
  for (let state = ""; state !== "building";) {
    await advance(test.engine, 1, 1);
    const [parents] = await test.sql`select state from landfall.run_entities where place = 1`;
    state = parents!.state;
  }
  const app = await patientApp(test);

  // one call closes the parents, and drops the key that refers to them
  const [first] = await Promise.all([
    advance(test.engine, 1),
    app.begin(async (app) => {
      await app`select from parents`;
      await untilWaiting(test.sql);
      await app`select from landfall.run_entities where place = 1 for update`;
    }),
  ]);
  await app.end();

  assertEquals(first.state, "running");
  assertEquals(counts(await finishRun(test.engine, 1)), { source: 10_000, inserted: 10_000 });
});

Deno.test("a statement that takes too long stops the batch, and the run goes on later", async () => {
  await using test = await setup({
    also: `
      create function public.app() returns trigger language plpgsql as $$ begin
        if new.id = 15 and current_setting('app.slow', true) = 'on' then perform pg_sleep(5); end if;
        return new;
      end $$;
      create trigger app before insert on items for each row execute function public.app()`,
    many: { count: 30, row: "jsonb_build_object('id', n, 'name', 'x')" },
  });
  await startRun(test.engine, "shop", { batchSize: 10 });
  const slow = await test.engine.reserve();
  await slow.unsafe("set app.slow = 'on'; set statement_timeout = '300ms'");

  const work = async () => {
    for (;;) await advance(slow as unknown as postgres.Sql, 1, 1);
  };
  const { code } = await refusal(work());
  const [stored] = await test.sql`select count(*)::int from items`;
  await slow.unsafe("reset statement_timeout; reset app.slow");
  slow.release();
  const report = await finishRun(test.engine, 1);

  assertEquals([code, stored!.count], ["57014", 10]);
  assertEquals(counts(report), { source: 30, inserted: 30 });
});

Deno.test("a lock that the app holds too long stops the batch, and the run goes on later", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  await startRun(test.engine, "shop");
  const app = await test.sql.reserve();
  await app`begin`;
  await app`lock table items`;
  const worker = await test.engine.reserve();
  await worker`set lock_timeout = '100ms'`;

  const { code } = await refusal(finishRun(worker as unknown as postgres.Sql, 1));
  await app`commit`;
  app.release();
  worker.release();
  const report = await finishRun(test.engine, 1);

  assertEquals(code, "55P03");
  assertEquals(counts(report), { source: 1, inserted: 1 });
});

Deno.test("rows that the app inserts meanwhile stay the app's", async () => {
  await using test = await setup({
    columns: "id int primary key, name text unique",
    many: { count: 300, row: "jsonb_build_object('id', n, 'name', 'Name ' || n)" },
  });
  await startRun(test.engine, "shop", { batchSize: 10 });

  const wrote: number[] = [];
  const write = async () => {
    for (let id = 300; id > 100; id -= 7) {
      const rows = await test.sql`
        insert into items values (${id}, ${`App ${id}`}) on conflict do nothing returning id`;
      if (rows.length > 0) wrote.push(id);
    }
  };
  const [report] = await Promise.all([finishRun(test.engine, 1), write()]);

  assert(wrote.length > 0);
  assertEquals(counts(report), {
    source: 300,
    inserted: 300 - wrote.length,
    rejected: wrote.length,
  });
  const apps = await test.sql`select id from items where name like 'App %' order by id desc`;
  assertEquals(apps.map(({ id }) => id), wrote);
});

Deno.test("a run whose source changes meanwhile still accounts for every row it met", async () => {
  await using test = await setup({
    many: { count: 100, row: "jsonb_build_object('id', n * 2, 'name', 'x')" },
  });
  await startRun(test.engine, "shop", { batchSize: 10 });
  while ((await advance(test.engine, 1, 1)).done < 20);
  await test.sql`delete from staging.shop_items where (row ->> 'id')::int % 6 = 0`;
  await test.sql`
    insert into staging.shop_items
    select key || 'b', jsonb_build_object('id', (row ->> 'id')::int + 1, 'name', 'late')
    from staging.shop_items where (row ->> 'id')::int % 8 = 0`;

  const report = await finishRun(test.engine, 1);
  const again = await test.migrate();

  const { source, inserted } = report.entities[0]!;
  const [stored] = await test.sql`select count(*)::int as count from items`;
  assertEquals([report.state, inserted, stored!.count - again.entities[0]!.inserted], [
    "completed",
    source,
    source,
  ]);
});

/** The app, on a connection that never gives way in a deadlock, as only a superuser's may. */
async function patientApp({ database }: Setup): Promise<postgres.Sql> {
  const url = new URL(Deno.env.get("LANDFALL_TEST_DATABASE")!);
  url.pathname = `/${database.name}`;
  const app = postgres(url.href, { max: 1 });
  await app`set deadlock_timeout = '60s'`;
  return app;
}

/** Waits until some session of the database waits for a lock. */
async function untilWaiting(sql: postgres.Sql): Promise<void> {
  for (;;) {
    const [row] = await sql`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if (row!.count > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
