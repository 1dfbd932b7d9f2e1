import { assertEquals } from "@std/assert";
import { counts, reasons } from "../support/migration.ts";
import { setup } from "./setup.ts";

const PARENTS = {
  name: "parents",
  columns: "id int primary key, name text not null",
  rows: [{ id: 1, name: "a" }, { id: 2 }, { id: 3, name: "c" }],
};

Deno.test("a row whose parent is nowhere is rejected, and says which column", async () => {
  await using test = await setup(PARENTS, {
    columns: "id int primary key, parent int references parents",
    rows: [{ id: 1, parent: 1 }, { id: 2, parent: 9 }, { id: 3 }, { id: 4, parent: "x" }],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 4, inserted: 2, rejected: 2 });
  assertEquals(reasons(report), {
    "parent has no row in public.parents": ["r0002"],
    "parent: invalid input syntax for type integer": ["r0004"],
  });
});

Deno.test("the child of a rejected parent says so", async () => {
  await using test = await setup(
    PARENTS,
    {
      name: "children",
      columns: "id int primary key, parent int not null references parents",
      rows: [{ id: 1, parent: 2 }, { id: 2, parent: 3 }],
    },
    {
      name: "toys",
      columns: "id int primary key, child int references children, rating int check (rating > 0)",
      rows: [{ id: 1, child: 1, rating: 0 }, { id: 2, child: 2, rating: 1 }],
    },
  );

  const report = await test.migrate();

  assertEquals(reasons(report, "children"), {
    "parent names a rejected row of public.parents": ["r0001"],
  });
  assertEquals(reasons(report, "toys"), {
    "child names a rejected row of public.children": ["r0001"],
    "toys_rating_check does not hold": ["r0001"],
  });
});

Deno.test("a rejected parent that does not cast is named by its child as well", async () => {
  await using test = await setup(
    { ...PARENTS, columns: "id int primary key, at date", rows: [{ id: 1, at: "never" }] },
    { columns: "id int primary key, parent int references parents", rows: [{ id: 1, parent: 1 }] },
  );

  const report = await test.migrate();

  assertEquals(reasons(report), { "parent names a rejected row of public.parents": ["r0001"] });
});

Deno.test("a foreign key of two columns is one reason, and null in either passes", async () => {
  await using test = await setup(
    { name: "places", columns: "a int, b text, primary key (a, b)", rows: [{ a: 1, b: "x" }] },
    {
      columns: "id int primary key, a int, b text, foreign key (b, a) references places (b, a)",
      rows: [
        { id: 1, a: 1, b: "x" },
        { id: 2, a: 1, b: "y" },
        { id: 3, a: 9 },
        { id: 4, b: "y" },
      ],
    },
  );

  const report = await test.migrate();

  assertEquals(counts(report), { source: 4, inserted: 3, rejected: 1 });
  assertEquals(reasons(report), { "b, a has no row in public.places": ["r0002"] });
});

Deno.test("a foreign key that is matched in full is left to Postgres", async () => {
  await using test = await setup(
    { name: "places", columns: "a int, b text, primary key (a, b)", rows: [{ a: 1, b: "x" }] },
    {
      columns: "id int primary key, a int, b text, foreign key (a, b) references places match full",
      rows: [{ id: 1, a: 1, b: "x" }, { id: 2, a: 1 }, { id: 3 }],
    },
  );

  assertEquals(counts(await test.migrate()), { source: 3, inserted: 2, rejected: 1 });
});

Deno.test("a foreign key to another unique column, of another type, is checked", async () => {
  await using test = await setup(
    {
      name: "codes",
      columns: "id int primary key, code varchar(9) unique, big bigint unique",
      rows: [{ id: 1, code: "x", big: 7 }],
    },
    {
      columns: "id int primary key, code text references codes (code), " +
        "small smallint references codes (big)",
      rows: [{ id: 1, code: "x", small: 7 }, { id: 2, code: "y", small: 8 }],
    },
  );

  const report = await test.migrate();

  assertEquals(reasons(report), {
    "code has no row in public.codes": ["r0002"],
    "small has no row in public.codes": ["r0002"],
  });
});

Deno.test("a foreign key compared without case is checked without case", async () => {
  await using test = await setup(
    {
      name: "people",
      before: "create extension citext with schema extensions",
      columns: "email extensions.citext primary key",
      rows: [{ email: "A@b.c" }],
    },
    {
      columns: "id int primary key, owner extensions.citext references people",
      rows: [{ id: 1, owner: "a@B.c" }, { id: 2, owner: "x@y.z" }],
    },
  );

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
});

Deno.test("a foreign key whose column the view leaves out is left alone", async () => {
  await using test = await setup(PARENTS, {
    columns: "id int primary key, parent int default 1 references parents",
    give: { parent: null },
    rows: [{ id: 1 }],
  });

  await test.migrate();

  assertEquals(await test.rows(), [{ id: 1, parent: 1 }]);
});

Deno.test("a foreign key checked at commit is checked in its batch", async () => {
  await using test = await setup(PARENTS, {
    columns: "id int primary key, parent int references parents deferrable initially deferred",
    rows: [{ id: 1, parent: 1 }, { id: 2, parent: 9 }],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 1, rejected: 1 });
});

Deno.test("a row may refer to its own table: itself, a row before it, a row after it", async () => {
  for (const batchSize of [100, 2, 1]) {
    await using test = await setup({
      columns: "id int primary key, parent int references items, name text not null",
      rows: [
        { id: 1, parent: 1, name: "itself" },
        { id: 2, parent: 1, name: "before" },
        { id: 3, parent: 6, name: "after" },
        { id: 4, parent: 3, name: "before one that refers to one after" },
        { id: 5, parent: 9, name: "nowhere" },
        { id: 6, parent: 8, name: "after, twice" },
        { id: 7, parent: 5, name: "a rejected one" },
        { id: 8, name: "none" },
        { id: 10, parent: 11, name: "one with a fault" },
        { id: 11 },
      ],
    });

    const report = await test.migrate({ batchSize });

    assertEquals((await test.rows()).map(({ id }) => id), [1, 2, 3, 4, 6, 8], `${batchSize}`);
    assertEquals(reasons(report), {
      "name is missing": ["r0010"],
      "parent has no row in public.items": ["r0005"],
      "parent names a rejected row of public.items": ["r0007", "r0009"],
    });
  }
});

Deno.test("a long chain of rows that refer to the next one is written", async () => {
  await using test = await setup({
    columns: "id int primary key, next int references items",
    many: { count: 60, row: "jsonb_build_object('id', n, 'next', nullif(n, 60) + 1)" },
  });

  const report = await test.migrate({ batchSize: 7 });

  assertEquals(counts(report), { source: 60, inserted: 60 });
});

Deno.test("rows that refer to each other in a circle are written together", async () => {
  await using test = await setup({
    columns: "id int primary key, twin int references items",
    rows: [{ id: 1, twin: 2 }, { id: 2, twin: 1 }, { id: 3 }],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 3, inserted: 3 });
});
