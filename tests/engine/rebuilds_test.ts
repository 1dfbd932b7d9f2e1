import { assert, assertEquals, assertMatch } from "@std/assert";
import type postgres from "postgres";
import type { EntityOptions } from "../support/builders.ts";
import {
  advance,
  counts,
  finishRun,
  migrate,
  reasons,
  rollBack,
  type RunReport,
  runReport,
  startRun,
  verify,
} from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { dieDuring, WORK } from "./die_during.ts";
import { type Setup, setup } from "./setup.ts";

const PARENTS = {
  name: "parents",
  columns: "id int primary key",
  many: { count: 50, row: "jsonb_build_object('id', n)" },
};

/** As many rows as make it worth while. */
const MANY = 10_000;

const ITEMS = {
  columns: `
    id int primary key,
    parent int not null references parents on delete cascade,
    at timestamptz,
    code varchar(20) unique,
    label text,
    tags jsonb`,
  also: `
    create index items_parent_idx on items (parent) include (at) with (fillfactor = 80);
    create index items_at_idx on items (at desc nulls last);
    create index items_tags_idx on items using gin (tags jsonb_path_ops);
    create index items_label_idx on items (label);
    create index items_some_idx on items (at) where parent > 10;
    create index items_day_idx on items ((at at time zone 'UTC'));
    comment on index items_at_idx is 'It''s for the calendar';
    comment on constraint items_parent_fkey on items is 'no such parent';
  `,
  many: { count: MANY, row: row("1 + n % 50") },
} satisfies EntityOptions;

const DROPPED = [
  "index items_at_idx",
  "index items_parent_idx",
  "index items_tags_idx",
  "foreign key items_parent_fkey",
];

Deno.test("an empty table is filled without its plain indexes, and has them again as they were", async () => {
  await using test = await setup(PARENTS, ITEMS);
  const before = await objects(test.sql);
  await startRun(test.engine, "shop");

  const during = await until(test, ({ rebuilds }) => rebuilds.length > 0);

  assertEquals(during.rebuilds.map(({ kind, name }) => `${kind} ${name}`), DROPPED);
  assertEquals(await missing(test.sql, before), DROPPED.length);
  assertEquals(counts(await finishRun(test.engine, 1)), { source: MANY, inserted: MANY });
  assertEquals(await objects(test.sql), before);
  assertEquals((await runReport(test.engine, 1)).rebuilds, []);
  assertEquals((await verify(test.engine, "shop")).state, "clean");
});

Deno.test("a run that is stopped anywhere, in whatever way, leaves every index and key", async () => {
  await using test = await setup(PARENTS, ITEMS);
  const before = await objects(test.sql);
  const ways: Record<string, () => Promise<unknown>> = {
    pause: async () => {
      await test.engine`select landfall.pause_run(1)`;
      assertEquals(await objects(test.sql), before);
      await test.engine`select landfall.resume_run(1)`;
      await finishRun(test.engine, 1);
    },
    cancel: () => test.engine`select landfall.cancel_run(1)`,
    "roll back": async () => {
      await test.engine`select landfall.cancel_run(1)`;
      await rollBack(test.engine, 1);
    },
    finish: () => finishRun(test.engine, 1),
  };
  let lacking = 0;
  let isOver = false;

  for (let steps = 1; !isOver; steps++) {
    // two ways at each point, and every way at every other
    for (const way of Object.keys(ways).filter((_, nth) => nth % 2 === steps % 2)) {
      await startRun(test.engine, "shop", { batchSize: 5000 });
      for (let step = 0; step < steps; step++) await advance(test.engine, 1, 1);
      const { state, rebuilds } = await runReport(test.engine, 1);
      isOver = state === "completed";
      if (rebuilds.length > 0) lacking++;

      if (!isOver) await ways[way]!();

      assertEquals(await objects(test.sql), before, `${way} after ${steps} steps`);
      assertEquals([...await test.sql`select from landfall.rebuilds`], []);
      await test.engine`select landfall.forget_runs('shop')`;
      await test.sql`truncate parents, items`;
    }
  }
  assert(lacking >= 10, `only ${lacking} times was anything dropped`);
});

Deno.test("a worker that is killed while an index is away, or built, leaves it to the next", async () => {
  await using test = await setup(PARENTS, ITEMS);
  const before = await objects(test.sql);
  await startRun(test.engine, "shop", { batchSize: 500 });

  let deaths = 0;
  for (let nth = 0; (await runReport(test.engine, 1)).state !== "completed"; nth++) {
    if (await dieDuring(test, WORK, 40 + nth * 37 % 160)) deaths++;
  }

  assertEquals(await objects(test.sql), before);
  assertEquals(counts(await runReport(test.engine, 1)), { source: MANY, inserted: MANY });
  assert(deaths >= 3, `${deaths} deaths only`);
});

Deno.test("a row whose parent is nowhere is rejected though its foreign key is away", async () => {
  await using test = await setup(PARENTS, {
    ...ITEMS,
    many: { count: MANY, row: row("case n when 7 then 999 else 1 + n % 50 end") },
  });

  const report = await migrate(test.engine, "shop");

  assertEquals(reasons(report), { "no such parent": ["r0000007"] });
  assertEquals(counts(report), { source: MANY, inserted: MANY - 1, rejected: 1 });
});

const LEFT: Record<string, { items?: EntityOptions; options?: Record<string, boolean> }> = {
  "few rows": { items: { ...ITEMS, many: { count: 9_999, row: row("1 + n % 50") } } },
  "the option keepIndexes": { options: { keepIndexes: true } },
  "rows that are there": {
    items: {
      ...ITEMS,
      also: `${ITEMS.also} alter table items alter parent drop not null;
      insert into items (id) values (-1);`,
    },
  },
};

for (const [name, { items = ITEMS, options = {} }] of Object.entries(LEFT)) {
  Deno.test(`with ${name}, a table is filled with everything in place`, async () => {
    await using test = await setup(PARENTS, items);
    const before = await objects(test.sql);
    await startRun(test.engine, "shop", options);

    await until(test, ({ progress }) => progress.done > 100);

    assertEquals(await objects(test.sql), before);
    assertEquals((await finishRun(test.engine, 1)).state, "completed");
  });
}

Deno.test("a table that somebody reads is filled with everything in place", async () => {
  await using test = await setup(PARENTS, ITEMS);
  const before = await objects(test.sql);
  await startRun(test.engine, "shop");

  await test.sql.begin(async (reader) => {
    await reader`select from items`;
    await until(test, ({ progress }) => progress.done > 100);
    assertEquals(await objects(test.sql), before);
  });

  assertEquals((await finishRun(test.engine, 1)).state, "completed");
});

Deno.test("where a trigger may change a row, its foreign keys stay", async () => {
  await using test = await setup(PARENTS, {
    ...ITEMS,
    also: `${ITEMS.also}
      create function touch() returns trigger language plpgsql as 'begin return new; end';
      create trigger touch before insert on items for each row execute function touch();`,
  });
  await startRun(test.engine, "shop");

  const { rebuilds } = await until(test, (report) => report.rebuilds.length > 0);

  assertEquals(rebuilds.map(({ kind }) => kind), ["index", "index", "index"]);
});

Deno.test("a parent that others delete meanwhile stops the run, and says what to do (LF304)", async () => {
  await using test = await setup(PARENTS, ITEMS);
  const before = await objects(test.sql);
  await startRun(test.engine, "shop");
  await until(test, ({ rebuilds, progress }) => rebuilds.length > 0 && progress.done > 1000);
  await test.sql`delete from parents where id = 8`;

  const failed = await finishRun(test.engine, 1);

  assertEquals(failed.state, "failed");
  assertEquals(failed.error?.code, "LF304");
  assertMatch(
    failed.error!.message,
    /^Foreign key items_parent_fkey of public.items does not hold for every row$/,
  );
  assertMatch(failed.error!.hint!, /^Mend the rows and resume the run/);
  const orphan = await refusal(test.sql`insert into items (id, parent) values (-1, 777)`);
  assertEquals(orphan.code, "23503");
  await test.sql`insert into parents values (8)`;
  await test.engine`select landfall.resume_run(1)`;
  assertEquals((await finishRun(test.engine, 1)).state, "completed");
  assertEquals(await objects(test.sql), before);
});

Deno.test("what cannot be built again is kept as it was, all of it, until it can be", async () => {
  await using test = await setup(PARENTS, ITEMS);
  const before = await objects(test.sql);
  await startRun(test.engine, "shop");
  await until(test, ({ rebuilds }) => rebuilds.length > 0);
  await test.sql`create index items_at_idx on items (label)`;
  await test.sql`create index items_tags_idx on items (label)`;

  const failed = await finishRun(test.engine, 1);

  assertEquals([failed.state, failed.error?.code], ["failed", "LF304"]);
  assertEquals(failed.error?.message, "Cannot build index items_at_idx of public.items again");
  const left = ["items_at_idx", "items_tags_idx"];
  assertEquals(failed.rebuilds.map(({ name }) => name), left);

  await test.engine`select landfall.cancel_run(1)`;
  assertEquals((await runReport(test.engine, 1)).rebuilds.map(({ name }) => name), left);
  const { code, detail } = await refusal(test.engine`select landfall.forget_runs('shop')`);
  assertEquals([code, detail], [
    "LF304",
    "It is index items_at_idx of public.items, index items_tags_idx of public.items.",
  ]);

  await test.sql`drop index items_at_idx, items_tags_idx`;
  await rollBack(test.engine, 1);
  assertEquals((await runReport(test.engine, 1)).rebuilds, []);
  assertEquals(await objects(test.sql), before);
});

Deno.test("an index that somebody has built by hand meanwhile is taken for what it is", async () => {
  await using test = await setup(PARENTS, ITEMS);
  const before = await objects(test.sql);
  await startRun(test.engine, "shop");
  await until(test, ({ rebuilds }) => rebuilds.length > 0);
  await test.sql`create index items_at_idx on items (at desc nulls last)`;

  assertEquals((await finishRun(test.engine, 1)).state, "completed");
  assertEquals(await objects(test.sql), before);
});

Deno.test("what is built again, service_role can look at and not write", async () => {
  await using test = await setup();

  for (
    const statement of [
      "insert into landfall.rebuilds values (1, 1, 1, 'index', 'x', 'x', 'drop table items')",
      "update landfall.rebuilds set definition = 'drop table items'",
      "delete from landfall.rebuilds",
    ]
  ) {
    assertMatch((await refusal(test.engine.unsafe(statement))).message, /permission denied/);
  }
  assertEquals([...await test.engine`select from landfall.rebuilds`], []);
});

/** A legacy row, as SQL over its number. */
function row(parent: string): string {
  return `jsonb_build_object(
    'id', n, 'parent', ${parent}, 'at', '2026-01-01T00:00:00Z', 'code', 'c' || n,
    'label', 'label ' || n, 'tags', jsonb_build_array(n % 7)
  )`;
}

/** Works on run 1, step by step, until its report says so. */
async function until({ engine }: Setup, isSo: (report: RunReport) => boolean): Promise<RunReport> {
  for (;;) {
    const report = await runReport(engine, 1);
    if (isSo(report)) return report;
    assertEquals((await advance(engine, 1, 1)).state, "running");
  }
}

/** The indexes and constraints of the table, with all that can be said of them. */
async function objects(sql: postgres.Sql): Promise<unknown[]> {
  return [
    ...await sql`
      select
        pg_get_indexdef(indexrelid) as definition, indisvalid and indisready as valid,
        obj_description(indexrelid, 'pg_class') as said
      from pg_index where indrelid = 'items'::regclass

      union all
      select
        conname || ' ' || pg_get_constraintdef(oid), convalidated,
        obj_description(oid, 'pg_constraint')
      from pg_constraint where conrelid = 'items'::regclass

      order by 1`,
  ];
}

async function missing(sql: postgres.Sql, before: unknown[]): Promise<number> {
  return before.length - (await objects(sql)).length;
}
