import { assertEquals } from "@std/assert";
import type { EntityOptions } from "../support/builders.ts";
import { advance, counts, finishRun, reasons, startRun } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("of rows that want one place the first by source key gets it", async () => {
  const kinds: Record<string, [entity: EntityOptions, reason: string]> = {
    primary_key: [
      { columns: "id int primary key", rows: [{ id: 1 }, { id: 1 }] },
      "another source row has become this row of public.primary_key",
    ],
    primary_key_of_two: [
      {
        columns: "a int, b text, primary key (b, a)",
        rows: [{ a: 1, b: "x" }, { a: 1, b: "x" }, { a: 1, b: "y" }, { a: 2, b: "x" }],
      },
      "another source row has become this row of public.primary_key_of_two",
    ],
    unique_column: [
      {
        columns: "id int primary key, a text unique",
        rows: [{ id: 1, a: "x" }, { id: 2, a: "x" }, { id: 3 }, { id: 4 }],
      },
      "a is taken in public.unique_column",
    ],
    with_comment: [
      {
        columns: "id int primary key, a text constraint once unique",
        also: "comment on constraint once on with_comment is 'a is another item''s'",
        rows: [{ id: 1, a: "x" }, { id: 2, a: "x" }],
      },
      "a is another item's",
    ],
    unique_index: [
      {
        columns: "id int primary key, a text",
        also: "create unique index on unique_index (a) include (id)",
        rows: [{ id: 1, a: "x" }, { id: 2, a: "x" }],
      },
      "a is taken in public.unique_index",
    ],
    unique_pair: [
      {
        columns: "id int primary key, a int, b int, unique (a, b)",
        rows: [{ id: 1, a: 1, b: 1 }, { id: 2, a: 1, b: 1 }, { id: 3, a: 1, b: 2 }, {
          id: 4,
          a: 1,
        }],
      },
      "a, b is taken in public.unique_pair",
    ],
    nulls_not_distinct: [
      {
        columns: "id int primary key, a int, unique nulls not distinct (a)",
        rows: [{ id: 1 }, { id: 2 }, { id: 3, a: 1 }],
      },
      "a is taken in public.nulls_not_distinct",
    ],
    with_default: [
      {
        columns: "id int primary key, a int, b int default 7, unique (a, b)",
        give: { b: null },
        rows: [{ id: 1, a: 1 }, { id: 2, a: 1 }, { id: 3, a: 2 }],
      },
      "a, b is taken in public.with_default",
    ],
    partial_index: [
      {
        columns: "id int primary key, a int, b boolean",
        also: "create unique index on partial_index (a) where b",
        rows: [{ id: 1, a: 1, b: true }, { id: 2, a: 1, b: true }, { id: 3, a: 1, b: false }],
      },
      "a is taken in public.partial_index",
    ],
    expression_index: [
      {
        columns: "id int primary key, a text",
        also: "create unique index on expression_index (lower(a))",
        rows: [{ id: 1, a: "X" }, { id: 2, a: "x" }, { id: 3, a: "y" }],
      },
      "lower(a) is taken in public.expression_index",
    ],
    exclusion: [
      {
        columns: "id int primary key, at int4range, exclude using gist (at with &&)",
        rows: [{ id: 1, at: "[1,5)" }, { id: 2, at: "[4,9)" }, { id: 3, at: "[5,6)" }],
      },
      "a trigger or unique index of public.exclusion refuses it",
    ],
    deferrable_unique: [
      {
        columns: "id int primary key, a int unique deferrable initially deferred",
        rows: [{ id: 1, a: 1 }, { id: 2, a: 1 }, { id: 3, a: 2 }],
      },
      "a is taken in public.deferrable_unique",
    ],
    deferrable_primary_key: [
      {
        columns: "id int primary key deferrable",
        rows: [{ id: 1 }, { id: 1 }, { id: 2 }],
      },
      "another source row has become this row of public.deferrable_primary_key",
    ],
    without_case: [
      {
        columns: "id int primary key, a extensions.citext unique",
        before: "create extension citext with schema extensions",
        rows: [{ id: 1, a: "X" }, { id: 2, a: "x" }, { id: 3, a: "y" }],
      },
      "a is taken in public.without_case",
    ],
  };

  for (const batchSize of [100, 1]) {
    await using test = await setup(
      ...Object.entries(kinds).map(([name, [entity]]) => ({ ...entity, name })),
    );

    const report = await test.migrate({ batchSize });

    for (const [name, [entity, reason]] of Object.entries(kinds)) {
      const { length } = entity.rows!;
      assertEquals(reasons(report, name), { [reason]: ["r0002"] }, name);
      assertEquals(counts(report, name), { source: length, inserted: length - 1, rejected: 1 });
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

  for (const batchSize of [64, 9]) assertEquals(await decide(batchSize), expected);
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

Deno.test("a place that the loser of another contest leaves free is given on", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique, b int unique",
    // r0002 loses a to r0001, so its b is free for r0003
    rows: [{ id: 1, a: 1, b: 1 }, { id: 2, a: 1, b: 2 }, { id: 3, a: 3, b: 2 }],
  });

  await test.migrate({ batchSize: 1 });

  assertEquals(await test.rows(), [{ id: 1, a: 1, b: 1 }, { id: 3, a: 3, b: 2 }]);
});

Deno.test("deciding a contest takes nothing from the app that it has added meanwhile", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique",
    also: `
      create table notes (item int references items on delete cascade, text text);
      create function add_note() returns trigger language plpgsql security definer as $$
      begin
        insert into public.notes values (new.id, 'by the app');
        return null;
      end $$;
      create trigger app_adds_a_note after insert on items
        for each row when (new.id = 2) execute function add_note()`,
    rows: [{ id: 1, a: 1 }, { id: 2, a: 2 }, { id: 3, a: 2 }],
  });

  await test.migrate({ batchSize: 1 });

  assertEquals([...await test.sql`select item from notes`], [{ item: 2 }]);
});

/** A digest of what was written. */
async function digest({ sql }: Setup): Promise<unknown> {
  const [row] = await sql`select md5(string_agg(items::text, ',' order by id)) as md5 from items`;
  return row!.md5;
}

Deno.test("after a batch with a place that is taken, the next one looks before it writes", async () => {
  await using test = await setup({
    columns: "id int primary key, a int unique",
    // the second batch has two rows for one place
    many: { count: 40, row: "jsonb_build_object('id', n, 'a', case n when 17 then 12 else n end)" },
  });
  await startRun(test.engine, "shop", { batchSize: 10 });
  const expected: boolean[] = [];
  for (let done = -1; done < 40;) {
    const report = await advance(test.engine, 1, 1);
    if (report.rows === 0) continue;
    done = report.done;
    const [row] = await test.sql`
      select landfall.expects_places(run_id, entity_id, shape) as it from landfall.run_entities`;
    expected.push(row!.it);
  }

  assertEquals(expected, [true, false, true, true]);
  const report = await finishRun(test.engine, 1);
  assertEquals(counts(report), { source: 40, inserted: 39, rejected: 1 });
  assertEquals(reasons(report), { "a is taken in public.items": ["r0000017"] });
});
