import { assertEquals } from "@std/assert";
import { counts, reasons } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("a row that waits for something is deferred, with what it waits for", async () => {
  await using test = await waiting();

  const report = await test.migrate();

  assertEquals(counts(report), { source: 3, inserted: 1, deferred: 2 });
  assertEquals(await deferred(test), { r0002: "ada@a.b", r0003: "bob@a.b" });
});

Deno.test("a deferred row is written by the first run that finds what it waits for", async () => {
  await using test = await waiting();
  await test.migrate();
  await test.sql`insert into users values ('ada@a.b', 7)`;

  const report = await test.migrate();

  assertEquals(counts(report), { source: 3, inserted: 1, unchanged: 1, deferred: 1 });
  assertEquals((await test.rows()).map(({ owner }) => owner), [null, 7]);
  assertEquals(await deferred(test), { r0003: "bob@a.b" });
});

Deno.test("a row that was written before and waits again is deferred, and its target row stays", async () => {
  await using test = await waiting();
  await test.sql`insert into users values ('ada@a.b', 7)`;
  await test.migrate();
  await test.sql`delete from users`;

  const report = await test.migrate();

  assertEquals(counts(report), { source: 3, unchanged: 1, deferred: 2 });
  assertEquals(await deferred(test), { r0002: "ada@a.b", r0003: "bob@a.b" });
  assertEquals((await test.rows()).map(({ owner }) => owner), [null, 7]);
  assertEquals(report.findings.map(({ finding, sample }) => [finding, sample]), [
    ["waiting again", ["r0002"]],
  ]);
});

Deno.test("a row that waits and has faults waits first, and is rejected when its wait is over", async () => {
  await using test = await setup({
    ...WAITING,
    rows: [{ id: 1, email: "ada@a.b" }, { id: 2, name: "x".repeat(9), email: "bob@a.b" }],
  });
  const first = await test.migrate();
  await test.sql`insert into users values ('ada@a.b', 7)`;

  const second = await test.migrate();

  assertEquals(counts(first), { source: 2, deferred: 2 });
  assertEquals(counts(second), { source: 2, rejected: 1, deferred: 1 });
  assertEquals(await deferred(test), { r0002: "bob@a.b" });
});

Deno.test("a row that waits and does not cast waits first as well", async () => {
  await using test = await waiting();
  await test.stage([{ id: 1, name: "a" }, { id: "two", name: "b", email: "ada@a.b" }]);
  const first = await test.migrate();
  await test.sql`insert into users values ('ada@a.b', 7)`;

  const second = await test.migrate();

  assertEquals(counts(first), { source: 3, inserted: 1, deferred: 2 });
  assertEquals(counts(second), { source: 3, unchanged: 1, rejected: 1, deferred: 1 });
  assertEquals(await deferred(test), { r0003: "bob@a.b" });
});

Deno.test("a defer rule defers the rows that do not meet it", async () => {
  await using test = await setup({
    columns: "id int primary key, amount int",
    rules: [
      { name: "settled", action: "defer", reason: "the payment", condition: "amount > 0" },
      { name: "small", action: "defer", reason: "a manager", condition: "amount < 100" },
    ],
    rows: [{ id: 1, amount: 5 }, { id: 2, amount: 0 }, { id: 3, amount: 100 }, { id: 4 }],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 4, inserted: 2, deferred: 2 });
  assertEquals(await deferred(test), { r0002: "the payment", r0003: "a manager" });
});

Deno.test("a defer rule can be made to reject, or be left out", async () => {
  await using test = await setup({
    rules: [{ name: "old", action: "defer", reason: "time", condition: "id > 1" }],
    rows: [{ id: 1, name: "a" }],
  });

  const rejected = await test.migrate({ ruleActions: { old: "reject" } });
  const written = await test.migrate({ skipValidation: true });

  assertEquals(reasons(rejected), { time: ["r0001"] });
  assertEquals(counts(written), { source: 1, inserted: 1 });
});

Deno.test("the child of a deferred row is rejected, and written with its parent", async () => {
  await using test = await setup(
    { ...WAITING, name: "parents", rows: [{ id: 1, name: "a", email: "ada@a.b" }] },
    { columns: "id int primary key, parent int references parents", rows: [{ id: 1, parent: 1 }] },
  );

  const report = await test.migrate();
  await test.sql`insert into users values ('ada@a.b', 7)`;
  const later = await test.migrate();

  assertEquals(counts(report), { source: 1, rejected: 1 });
  assertEquals(reasons(report), { "parent has no row in public.parents": ["r0001"] });
  assertEquals(counts(later), { source: 1, inserted: 1 });
});

const WAITING = {
  columns: "id int primary key, name varchar(5) not null, owner int",
  before: `
    create table public.users (email text primary key, id int);
    grant all on public.users to service_role`,
  give: {
    owner: "(select id from public.users where email = row ->> 'email')",
    waiting_for: `case
      when not exists (select from public.users where email = row ->> 'email')
        then row ->> 'email' end`,
  },
};

/** Rows that wait for a user. */
function waiting(): Promise<Setup> {
  return setup({
    ...WAITING,
    rows: [
      { id: 1, name: "a" },
      { id: 2, name: "b", email: "ada@a.b" },
      { id: 3, name: "c", email: "bob@a.b" },
    ],
  });
}

async function deferred({ sql }: Setup): Promise<Record<string, string>> {
  const rows = await sql`
    select source_key, waiting_for from landfall.deferred where settled_by is null order by 1`;
  return Object.fromEntries(rows.map((row) => [row.source_key, row.waiting_for]));
}
