import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import { migrate, rollBack, type VerificationReport, verify } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";

/** Rows that run 2 changes, and that it adds: more than two batches of a roll-back. */
const [CHANGED, ADDED] = [12_000, 9_000];

/** A table with a run that inserted and one that changed and added. */
async function migrated(): Promise<Setup & { readonly first: string }> {
  const test = await setup({
    columns: "id int primary key, name text not null unique, price numeric(8,2)",
    many: {
      count: CHANGED,
      row: "jsonb_build_object('id', n, 'name', 'Name ' || n, 'price', n % 100)",
    },
    sums: ["price"],
  });
  await migrate(test.engine, "shop");
  const first = await contents(test);
  await test.sql`
    update staging.shop_items set row = row || jsonb_build_object('price', 7, 'name', 'New ' || key)`;
  await test.sql`
    insert into staging.shop_items
    select 's' || n, jsonb_build_object('id', 100000 + n, 'name', 'Added ' || n, 'price', 1)
    from generate_series(1, ${ADDED}::int) as n`;
  await migrate(test.engine, "shop");
  return { ...test, first };
}

Deno.test("a roll-back killed at any moment, and continued, ends like one never disturbed", async () => {
  await using test = await migrated();
  await test.engine`select landfall.start_rollback(2)`;

  const deaths = await die(test, 8, 250, "landfall.advance_rollback(2, 1)", "rolling_back");
  const report = await rollBack(test.engine, 2);

  assert(deaths >= 4, `${deaths} deaths only`);
  assertUndone(report.entities[0]!);
  assertEquals(report.leftovers, []);
  assertEquals(await contents(test), test.first);
  await migrate(test.engine, "shop");
  assertEquals((await verify(test.engine, "shop")).differences, []);
});

Deno.test("a verification killed at any moment, and continued, counts every row once", async () => {
  await using test = await migrated();
  await test.sql`update items set price = 8 where id in (5, ${100_000 + ADDED})`;
  const [started] = await test.engine`select landfall.start_verification('shop') as report`;
  const id = started!.report.verificationId;

  const deaths = await die(test, 8, 120, `landfall.advance_verification(${id}, 0)`, "running");
  for (;;) {
    const [row] = await test.engine`select landfall.advance_verification(${id}) as report`;
    if (row!.report.state !== "running") break;
  }
  const [row] = await test.engine`select landfall.verification_report(${id}) as report`;
  const { entities: [items], differences }: VerificationReport = row!.report;

  assert(deaths >= 3, `${deaths} deaths only`);
  assertEquals([items!.source, items!.migrated], Array(2).fill(CHANGED + ADDED));
  assertEquals(differences.map(({ kind, name, count }) => [kind, name, count]), [
    ["sum", "price", 1],
    ["value", "price", 2],
  ]);
  const sum = 7 * CHANGED + ADDED;
  assertEquals(items!.sums, { price: [`${sum}.00`, `${sum + 8}.00`] });
});

Deno.test("a roll-back that takes too long, or is held up, stops a batch and goes on later", async () => {
  await using test = await migrated();
  await test.engine`select landfall.start_rollback(2)`;
  const app = await test.sql.reserve();
  await app`begin`;
  await app`update items set name = name where id in (9000, ${100_000 + ADDED})`;

  const worker = await test.engine.reserve();
  const codes = [];
  for (const limit of ["statement_timeout", "lock_timeout"]) {
    await worker.unsafe(`set ${limit} = '400ms'`);
    const work = async () => {
      for (;;) await worker`select landfall.advance_rollback(2, 1)`;
    };
    codes.push((await refusal(work())).code);
    await worker.unsafe(`reset ${limit}`);
  }
  worker.release();
  await app`commit`;
  app.release();
  const report = await rollBack(test.engine, 2);

  assertEquals(codes[0], "57014");
  assert(["55P03", "57014"].includes(codes[1]!));
  assertUndone(report.entities[0]!);
  assertEquals(await contents(test), test.first);
});

Deno.test("a deadlock between a roll-back and the app ends the batch, which is taken again", async () => {
  await using test = await migrated();
  await test.engine`select landfall.start_rollback(2)`;
  const url = new URL(Deno.env.get("LANDFALL_TEST_DATABASE")!);
  url.pathname = `/${test.database.name}`;
  // a session that never gives way in a deadlock, as only a superuser's may
  const app = postgres(url.href, { max: 1 });
  await app`set deadlock_timeout = '60s'`;

  let attempts = 0;
  const work = async () => {
    for (;;) {
      attempts++;
      try {
        return await rollBack(test.engine, 2);
      } catch (error) {
        assertEquals((error as postgres.PostgresError).code, "40P01");
      }
    }
  };
  const [report] = await Promise.all([
    work(),
    app.begin(async (app) => {
      await app`update items set price = price where id = 8000`;
      for (;;) {
        const [row] = await test.sql`
          select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        if (row!.waiting > 0) break;
      }
      // the worker has row 1 and waits for row 8000
      await app`update items set price = price where id = 1`;
    }),
  ]);
  await app.end();

  assert(attempts <= 2);
  assertUndone(report.entities[0]!);
  assertEquals(await contents(test), test.first);
});

function assertUndone({ deleted, restored, left }: Readonly<Record<string, unknown>>): void {
  assertEquals({ deleted, restored, left }, { deleted: ADDED, restored: CHANGED, left: 0 });
}

/** The target and its lineage, as a sum over all rows; before images, as a count. */
async function contents({ sql }: Setup): Promise<string> {
  const [row] = await sql`
    select
      (select md5(string_agg(items::text, '|' order by id)) from items) as items,
      (
        select md5(string_agg(lineage::text, '|' order by source_key)) from landfall.lineage
      ) as lineage,
      (select count(*)::int from landfall.changes) as changes`;
  return JSON.stringify(row);
}

/**
 * Calls a function until its state is another, each call in a transaction of its own, and has the
 * backend killed at random moments.
 *
 * @returns How many backends died before the work was over.
 */
async function die(
  { database, sql }: Setup,
  times: number,
  withinMs: number,
  call: string,
  state: string,
): Promise<number> {
  for (let deaths = 0; deaths < times; deaths++) {
    const worker = postgres(database.url, { max: 1, connection: { role: "service_role" } });
    try {
      const [backend] = await worker`select pg_backend_pid() as pid`;
      const working = worker.unsafe(`
        do $$ begin
          while (${call} ->> 'state') = '${state}' loop
            commit;
          end loop;
        end $$`).then(() => true, () => false);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * withinMs));
      await sql`select pg_terminate_backend(${backend!.pid}, 5000)`;
      if (await working) return deaths;
    } finally {
      await worker.end({ timeout: 0 });
    }
  }
  return times;
}
