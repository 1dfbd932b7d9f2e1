import { assertEquals } from "@std/assert";
import type { EntityOptions } from "../support/builders.ts";
import { counts, reasons } from "../support/migration.ts";
import { setup } from "./setup.ts";

Deno.test("a row that breaks a constraint is rejected, and the others are written", async () => {
  const faults: Record<string, [entity: EntityOptions, reason: string]> = {
    "not null": [
      { columns: "id int primary key, a text not null", rows: [{ id: 1, a: "x" }, { id: 2 }] },
      "a is missing",
    ],
    "primary key that is null": [
      { columns: "id int primary key", rows: [{ id: 1 }, {}] },
      "id is missing",
    ],
    "check": [
      {
        columns: "id int primary key, a int constraint a_is_small check (a < 5)",
        rows: [{ id: 1, a: 4 }, { id: 2, a: 5 }],
      },
      "a_is_small does not hold",
    ],
    "check with a comment": [
      {
        columns: "id int primary key, a int constraint small check (a < 5)",
        also: "comment on constraint small on items is 'a is too large, 100% sure of ''it'''",
        rows: [{ id: 1, a: 4 }, { id: 2, a: 5 }],
      },
      "a is too large, 100% sure of 'it'",
    ],
    "check over several columns": [
      {
        columns: "id int primary key, a int, b int, constraint ordered check (a <= b)",
        rows: [{ id: 1, a: 1, b: 1 }, { id: 2, a: 2, b: 1 }],
      },
      "ordered does not hold",
    ],
    "check of a generated column": [
      {
        columns: "id int primary key, a int, " +
          "twice int generated always as (a * 2) stored constraint small check (twice < 5)",
        rows: [{ id: 1, a: 2 }, { id: 2, a: 3 }],
      },
      "small does not hold",
    ],
    "check of a default beside a given column": [
      {
        columns: "id int primary key, a int, most int default 5, constraint small check (a < most)",
        give: { most: null },
        rows: [{ id: 1, a: 4 }, { id: 2, a: 5 }],
      },
      "small does not hold",
    ],
    "varchar(n)": [
      {
        columns: "id int primary key, a varchar(3)",
        rows: [{ id: 1, a: "äöü" }, { id: 2, a: "four" }],
      },
      "a is longer than 3 characters",
    ],
    "varchar(1)": [
      {
        columns: "id int primary key, a varchar(1)",
        rows: [{ id: 1, a: "a" }, { id: 2, a: "ab" }],
      },
      "a is longer than 1 characters",
    ],
    "char(n)": [
      {
        columns: "id int primary key, a char(3)",
        rows: [{ id: 1, a: "ab" }, { id: 2, a: "four" }],
      },
      "a is longer than 3 characters",
    ],
    "column that refers to nothing but null": [
      {
        columns: "id int primary key, a int check (a is null)",
        rows: [{ id: 1 }, { id: 2, a: 1 }],
      },
      "items_a_check does not hold",
    ],
  };

  for (const [name, [entity, reason]] of Object.entries(faults)) {
    await using test = await setup(entity);

    const report = await test.migrate();

    assertEquals(reasons(report), { [reason]: ["r0002"] }, name);
    assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 }, name);
  }
});

Deno.test("a check that is null passes, as it does in Postgres", async () => {
  await using test = await setup({
    columns: "id int primary key, a int check (a > 5)",
    rows: [{ id: 1, a: null }, { id: 2 }],
  });

  assertEquals(counts(await test.migrate()), { source: 2, inserted: 2 });
});

Deno.test("a check that fails itself rejects its row alone", async () => {
  await using test = await setup({
    columns: "id int primary key, a int, check (10 / a > 1)",
    rows: [{ id: 1, a: 2 }, { id: 2, a: 0 }, { id: 3, a: 20 }],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 3, inserted: 1, rejected: 2 });
  assertEquals(reasons(report), {
    "division by zero": ["r0002"],
    "items_check does not hold": ["r0003"],
  });
});

Deno.test("text that is too long is never cut", async () => {
  await using test = await setup({
    columns: `
      id int primary key, a varchar(4), b char(4), c varchar(4)[], d bit(3), e varbit(3),
      f short, g short[]`,
    before: "create domain public.short as varchar(4)",
    give: {
      c: "array[row ->> 'c']",
      d: "(row ->> 'd')::varbit",
      e: "(row ->> 'e')::varbit",
      f: "row ->> 'f'",
      g: "array[row ->> 'g']",
    },
    rows: [
      { id: 1, a: "four", b: "four", c: "four", d: "101", e: "101", f: "four", g: "four" },
      { id: 2, a: "fiver" },
      { id: 3, b: "fiver" },
      { id: 4, c: "fiver" },
      { id: 5, d: "1011" },
      { id: 6, e: "1011" },
      { id: 7, d: "1" },
      { id: 8, f: "fiver" },
      { id: 9, g: "fiver" },
    ],
  });

  const report = await test.migrate();

  const whole = { id: 1, a: "four", b: "four", c: ["four"], d: "101", e: "101", f: "four" };
  assertEquals(await test.rows(), [{ ...whole, g: ["four"] }]);
  assertEquals(counts(report), { source: 9, inserted: 1, rejected: 8 });
});

Deno.test("a check that is not validated yet holds for new rows", async () => {
  await using test = await setup({
    columns: "id int primary key, a int",
    also: "alter table items add constraint small check (a < 5) not valid",
    rows: [{ id: 1, a: 9 }],
  });

  assertEquals(reasons(await test.migrate()), { "small does not hold": ["r0001"] });
});

Deno.test("a check may call a function of the app's", async () => {
  await using test = await setup({
    columns: "id int primary key, a text",
    also: `
      create function public.is_shout(a text) returns boolean language sql immutable
        as $$ select a = upper(a) $$;
      alter table items add constraint shouts check (is_shout(a))`,
    rows: [{ id: 1, a: "A" }, { id: 2, a: "a" }],
  });

  assertEquals(reasons(await test.migrate()), { "shouts does not hold": ["r0002"] });
});

Deno.test("a row with three faults has three reasons, a cast among them", async () => {
  await using test = await setup({
    columns:
      "id int primary key, name text not null, price numeric check (price >= 0), qty int not null",
    rows: [{ id: 1, name: "a", price: 1, qty: 1 }, { id: 2, price: -1, qty: "x" }],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
  assertEquals(reasons(report), {
    "items_price_check does not hold": ["r0002"],
    "name is missing": ["r0002"],
    "qty: invalid input syntax for type integer": ["r0002"],
  });
});
