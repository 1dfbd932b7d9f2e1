import { assertEquals } from "@std/assert";
import type { EntityOptions } from "../support/builders.ts";
import { counts, reasons } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";

const REFUSED = "a trigger or unique index of public.items refuses it";

Deno.test("of rows that want one place the first by source key gets it", async () => {
  const kinds: Record<string, [entity: EntityOptions, reason: string]> = {
    "primary key": [
      { rows: [{ id: 1, name: "a" }, { id: 1, name: "b" }] },
      "another source row has become this row of public.items",
    ],
    "primary key of two columns": [
      {
        columns: "a int, b text, primary key (b, a)",
        rows: [{ a: 1, b: "x" }, { a: 1, b: "x" }, { a: 1, b: "y" }, { a: 2, b: "x" }],
      },
      "another source row has become this row of public.items",
    ],
    "unique": [
      {
        columns: "id int primary key, a text unique",
        rows: [{ id: 1, a: "x" }, { id: 2, a: "x" }, { id: 3 }, { id: 4 }],
      },
      "a is taken in public.items",
    ],
    "unique with a comment": [
      {
        columns: "id int primary key, a text constraint once unique",
        also: "comment on constraint once on items is 'a is another item''s'",
        rows: [{ id: 1, a: "x" }, { id: 2, a: "x" }],
      },
      "a is another item's",
    ],
    "unique index": [
      {
        columns: "id int primary key, a text",
        also: "create unique index on items (a) include (id)",
        rows: [{ id: 1, a: "x" }, { id: 2, a: "x" }],
      },
      "a is taken in public.items",
    ],
    "unique over two columns": [
      {
        columns: "id int primary key, a int, b int, unique (a, b)",
        rows: [{ id: 1, a: 1, b: 1 }, { id: 2, a: 1, b: 1 }, { id: 3, a: 1, b: 2 }, {
          id: 4,
          a: 1,
        }],
      },
      "a, b is taken in public.items",
    ],
    "unique that takes nulls for equal": [
      {
        columns: "id int primary key, a int, unique nulls not distinct (a)",
        rows: [{ id: 1 }, { id: 2 }, { id: 3, a: 1 }],
      },
      REFUSED,
    ],
    "unique over a default": [
      {
        columns: "id int primary key, a int, b int default 7, unique (a, b)",
        give: { b: null },
        rows: [{ id: 1, a: 1 }, { id: 2, a: 1 }, { id: 3, a: 2 }],
      },
      "a, b is taken in public.items",
    ],
    "partial unique index": [
      {
        columns: "id int primary key, a int, b boolean",
        also: "create unique index on items (a) where b",
        rows: [{ id: 1, a: 1, b: true }, { id: 2, a: 1, b: true }, { id: 3, a: 1, b: false }],
      },
      REFUSED,
    ],
    "unique index over an expression": [
      {
        columns: "id int primary key, a text",
        also: "create unique index on items (lower(a))",
        rows: [{ id: 1, a: "X" }, { id: 2, a: "x" }, { id: 3, a: "y" }],
      },
      REFUSED,
    ],
    "exclusion": [
      {
        columns: "id int primary key, at int4range, exclude using gist (at with &&)",
        rows: [{ id: 1, at: "[1,5)" }, { id: 2, at: "[4,9)" }, { id: 3, at: "[5,6)" }],
      },
      REFUSED,
    ],
    "deferrable unique": [
      {
        columns: "id int primary key, a int unique deferrable initially deferred",
        rows: [{ id: 1, a: 1 }, { id: 2, a: 1 }, { id: 3, a: 2 }],
      },
      "a is taken in public.items",
    ],
    "deferrable primary key": [
      {
        columns: "id int primary key deferrable, name text",
        rows: [{ id: 1 }, { id: 1 }, { id: 2 }],
      },
      "another source row has become this row of public.items",
    ],
    "text compared without case": [
      {
        columns: "id int primary key, a extensions.citext unique",
        before: "create extension citext with schema extensions",
        rows: [{ id: 1, a: "X" }, { id: 2, a: "x" }, { id: 3, a: "y" }],
      },
      "a is taken in public.items",
    ],
  };

  for (const [name, [entity, reason]] of Object.entries(kinds)) {
    for (const batchSize of [100, 1]) {
      await using test = await setup(entity);

      const report = await test.migrate({ batchSize });

      const { length } = entity.rows!;
      assertEquals(Object.keys(reasons(report)), [reason], `${name}, batches of ${batchSize}`);
      assertEquals(reasons(report)[reason]![0], "r0002", name);
      assertEquals(counts(report), { source: length, inserted: length - 1, rejected: 1 }, name);
    }
  }
});

Deno.test("rows that compete for places are decided alike, whatever the batches", async () => {
  const entity = {
    columns: "id int primary key, a int unique, b int unique, c text not null check (c <> 'bad')",
    many: {
      count: 300,
      row: `jsonb_build_object(
        'id', n % 290, 'a', (n * 7) % 260, 'b', case n % 3 when 0 then (n * 11) % 90 end,
        'c', case n % 23 when 0 then 'bad' else 'good' end)`,
    },
  };
  const decide = async (batchSize: number) => {
    await using test = await setup(entity);
    const report = await test.migrate({ batchSize });
    return { written: await digest(test), rejected: await test.rejects(), ...counts(report) };
  };
  const expected = await decide(500);

  for (const batchSize of [64, 7]) assertEquals(await decide(batchSize), expected);
});

Deno.test("a row that is rejected takes no place", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique, b int not null",
    rows: [{ id: 1, a: 1 }, { id: 1, a: 1, b: 2 }],
  });

  const report = await test.migrate({ batchSize: 1 });

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
  assertEquals(await test.rows(), [{ id: 1, a: 1, b: 2 }]);
});

Deno.test("a place freed by a row that loses another contest is given on", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique, b int unique",
    // r0002 loses a to r0001, so its b is free for r0003
    rows: [{ id: 1, a: 1, b: 1 }, { id: 2, a: 1, b: 2 }, { id: 3, a: 3, b: 2 }],
  });

  for (const _ of [1, 2]) await test.migrate({ batchSize: 1 });

  assertEquals(await test.rows(), [{ id: 1, a: 1, b: 1 }, { id: 3, a: 3, b: 2 }]);
});

Deno.test("deciding a contest deletes no row that the app has added meanwhile", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique",
    also: `
      create table notes (item int references items on delete cascade, text text);
      create function add_note() returns trigger language plpgsql security definer as $$
      begin insert into public.notes values (new.id, 'by the app'); return null; end $$;
      create trigger app_adds_a_note after insert on items
        for each row when (new.id = 2) execute function add_note()`,
    // in another order than their keys, as two workers may take them
    rows: [{ id: 1, a: 1 }, { id: 2, a: 2 }, { id: 3, a: 2 }],
  });
  await test.migrate({ batchSize: 1 });

  assertEquals([...await test.sql`select item from notes`], [{ item: 2 }]);
});

async function digest({ sql }: Setup): Promise<unknown> {
  const [row] = await sql`select md5(string_agg(items::text, ',' order by id)) from items`;
  return row;
}
