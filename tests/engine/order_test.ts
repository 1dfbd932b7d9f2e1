import { assertEquals, assertStringIncludes } from "@std/assert";
import { aTransform } from "../support/builders.ts";
import { counts, finishRun } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("entity_order() puts parents before children, however they were defined", async () => {
  await using test = await chain();
  // defined again in reverse, with ids in reverse
  await test.sql`delete from landfall.entities where pipeline = 'shop'`;
  for (const name of ["lines", "purchases", "buyers"]) await define(test, name);

  const report = await test.migrate();

  assertEquals(report.entities.map(({ entity }) => entity), ["buyers", "purchases", "lines"]);
  assertEquals(counts(report, "lines"), { source: 1, inserted: 1 });
});

Deno.test("entity_order() leaves out foreign keys to tables outside the pipeline", async () => {
  await using test = await setup(
    { name: "others", columns: "id int primary key" },
    { columns: "id int primary key, other int references others", rows: [{ id: 1 }] },
  );
  await test.sql`delete from landfall.entities where pipeline = 'shop' and name = 'others'`;

  const report = await test.migrate();

  assertEquals(report.entities.map(({ entity }) => entity), ["items"]);
});

Deno.test("entity_order() allows a table that references itself", async () => {
  await using test = await setup({ columns: "id int primary key, parent int references items" });

  const order = await test.sql`select place from landfall.entity_order('shop')`;

  assertEquals([...order], [{ place: 1 }]);
});

Deno.test("define_entity() refuses a cycle of foreign keys and names it (LF105)", async () => {
  await using test = await chain();
  await test.sql`alter table buyers add column line int references lines`;
  await aTransform(test.sql, "shop", { name: "buyers" });

  const { code, detail } = await refusal(define(test, "buyers"));

  assertEquals(code, "LF105");
  assertEquals(new Set(detail.split(" → ")), new Set(["buyers", "lines", "purchases"]));
  assertEquals(detail.split(" → ").at(0), detail.split(" → ").at(-1));
});

Deno.test("define_entity() accepts a cycle when a transform leaves its column out", async () => {
  await using test = await chain();
  await test.sql`alter table buyers add column line int references lines`;
  await aTransform(test.sql, "shop", { name: "buyers", give: { line: null } });

  await define(test, "buyers");

  const report = await test.migrate();
  assertEquals(report.entities.map(({ entity }) => entity), ["buyers", "purchases", "lines"]);
});

Deno.test("start_run() refuses a cycle that came later (LF105)", async () => {
  await using test = await chain();
  await test.sql`alter table buyers add column line int references lines`;
  await aTransform(test.sql, "shop", { name: "buyers" });

  const { code } = await refusal(test.engine`select landfall.start_run('shop')`);

  assertEquals(code, "LF105");
});

Deno.test("start_run() says which entity lost its table or view (LF106)", async () => {
  for (const lost of ["view transform.shop_items", "table items cascade"]) {
    await using test = await setup();
    await test.sql.unsafe(`drop ${lost}`);

    const { code, message } = await refusal(test.engine`select landfall.start_run('shop')`);

    assertEquals(code, "LF106", lost);
    assertStringIncludes(message, "shop.items");
  }
});

Deno.test("advance_run() says which entity lost its table or view meanwhile (LF106)", async () => {
  for (const lost of ["view transform.shop_items", "table items cascade"]) {
    await using test = await setup({ rows: [{ id: 1, name: "a" }] });
    await test.engine`select landfall.start_run('shop')`;
    await test.sql.unsafe(`drop ${lost}`);

    const { code } = await refusal(finishRun(test.engine, 1), lost);

    assertEquals(code, "LF106", lost);
  }
});

/** buyers, their orders, and the lines of these. */
function chain(): Promise<Setup> {
  return setup(
    { name: "buyers", columns: "id int primary key", rows: [{ id: 1 }] },
    {
      name: "purchases",
      columns: "id int primary key, client int not null references buyers",
      rows: [{ id: 1, client: 1 }],
    },
    {
      name: "lines",
      columns: 'id int primary key, "order" int not null references purchases',
      rows: [{ id: 1, order: 1 }],
    },
  );
}

async function define({ sql }: Setup, name: string): Promise<void> {
  await sql`select landfall.define_entity('shop', ${name}, ${`public.${name}`})`;
}
