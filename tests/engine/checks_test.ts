import { assertEquals } from "@std/assert";
import type { EntityOptions } from "../support/builders.ts";
import { counts, reasons } from "../support/migration.ts";
import { setup } from "./setup.ts";

Deno.test("a row that breaks a constraint is rejected, and the others are written", async () => {
  const kinds: Record<string, [entity: EntityOptions, reason: string]> = {
    not_null: [
      { columns: "id int primary key, a text not null", rows: [{ id: 1, a: "x" }, { id: 2 }] },
      "a is missing",
    ],
    primary_key_null: [
      { columns: "id int primary key", rows: [{ id: 1 }, {}] },
      "id is missing",
    ],
    named_check: [
      {
        columns: "id int primary key, a int constraint a_is_small check (a < 5)",
        rows: [{ id: 1, a: 4 }, { id: 2, a: 5 }],
      },
      "a_is_small does not hold",
    ],
    check_with_comment: [
      {
        columns: "id int primary key, a int constraint small check (a < 5)",
        also: "comment on constraint small on check_with_comment is 'too large, 100% ''sure'''",
        rows: [{ id: 1, a: 4 }, { id: 2, a: 5 }],
      },
      "too large, 100% 'sure'",
    ],
    check_of_two_columns: [
      {
        columns: "id int primary key, a int, b int, constraint ordered check (a <= b)",
        rows: [{ id: 1, a: 1, b: 1 }, { id: 2, a: 2, b: 1 }],
      },
      "ordered does not hold",
    ],
    check_of_a_generated_column: [
      {
        columns: "id int primary key, a int, " +
          "twice int generated always as (a * 2) stored constraint small check (twice < 5)",
        rows: [{ id: 1, a: 2 }, { id: 2, a: 3 }],
      },
      "small does not hold",
    ],
    check_of_a_default: [
      {
        columns: "id int primary key, a int, most int default 5, constraint small check (a < most)",
        give: { most: null },
        rows: [{ id: 1, a: 4 }, { id: 2, a: 5 }],
      },
      "small does not hold",
    ],
    check_not_validated: [
      {
        columns: "id int primary key, a int",
        also: "alter table check_not_validated add constraint small check (a < 5) not valid",
        rows: [{ id: 1, a: 4 }, { id: 2, a: 5 }],
      },
      "small does not hold",
    ],
    check_by_function: [
      {
        columns: "id int primary key, a text",
        also: `
          create function public.is_shout(a text) returns boolean language sql immutable
            as $$ select a = upper(a) $$;
          alter table check_by_function add constraint shouts check (is_shout(a))`,
        rows: [{ id: 1, a: "A" }, { id: 2, a: "a" }],
      },
      "shouts does not hold",
    ],
    check_that_raises: [
      {
        columns: "id int primary key, a int, check (10 / a > 1)",
        rows: [{ id: 1, a: 2 }, { id: 2, a: 0 }],
      },
      "division by zero",
    ],
    varchar: [
      {
        columns: "id int primary key, a varchar(3)",
        rows: [{ id: 1, a: "äöü" }, { id: 2, a: "four" }],
      },
      "a is longer than 3 characters",
    ],
    varchar_of_one: [
      {
        columns: "id int primary key, a varchar(1)",
        rows: [{ id: 1, a: "a" }, { id: 2, a: "ab" }],
      },
      "a is longer than 1 characters",
    ],
    char: [
      {
        columns: "id int primary key, a char(3)",
        rows: [{ id: 1, a: "ab" }, { id: 2, a: "four" }],
      },
      "a is longer than 3 characters",
    ],
    domain: [
      {
        columns: "id int primary key, a positive",
        before: "create domain public.positive as int constraint above check (value > 0)",
        rows: [{ id: 1, a: 1 }, { id: 2, a: 0 }],
      },
      'a: value for domain public.positive violates check constraint "above"',
    ],
    domain_not_null: [
      {
        columns: "id int primary key, a given",
        before: "create domain public.given as text not null",
        rows: [{ id: 1, a: "a" }, { id: 2 }],
      },
      "a: domain public.given does not allow null values",
    ],
  };
  await using test = await setup(
    ...Object.entries(kinds).map(([name, [entity]]) => ({ ...entity, name })),
  );

  const report = await test.migrate();

  for (const [name, [, reason]] of Object.entries(kinds)) {
    assertEquals(reasons(report, name), { [reason]: ["r0002"] }, name);
    assertEquals(counts(report, name), { source: 2, inserted: 1, rejected: 1 }, name);
  }
});

Deno.test("a check that is null passes, as it does in Postgres", async () => {
  await using test = await setup({
    columns: "id int primary key, a int check (a > 5)",
    rows: [{ id: 1, a: null }, { id: 2 }],
  });

  assertEquals(counts(await test.migrate()), { source: 2, inserted: 2 });
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

Deno.test("a row is rejected with every reason there is", async () => {
  await using test = await setup({
    columns: `
      id int primary key, name varchar(3) not null, price numeric check (price >= 0), qty int not null,
      at timestamptz`,
    rows: [
      { id: 1, name: "a", price: 1, qty: 1 },
      { id: 2, price: -1, qty: "x", at: "someday" },
      { id: 3, name: "four", price: -1 },
    ],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 3, inserted: 1, rejected: 2 });
  assertEquals(reasons(report), {
    "at: invalid input syntax for type timestamp with time zone": ["r0002"],
    "items_price_check does not hold": ["r0002", "r0003"],
    "name is longer than 3 characters": ["r0003"],
    "name is missing": ["r0002"],
    "qty is missing": ["r0003"],
    "qty: invalid input syntax for type integer": ["r0002"],
  });
});
