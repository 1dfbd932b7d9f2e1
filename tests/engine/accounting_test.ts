import { assertEquals } from "@std/assert";
import { counts, reasons } from "../support/migration.ts";
import { setup } from "./setup.ts";

Deno.test("advance_run() writes every row of a clean source", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 2, inserted: 2 });
  assertEquals(await test.rows(), [{ id: 1, name: "a" }, { id: 2, name: "b" }]);
});

Deno.test("advance_run() rejects a row with every reason there is", async () => {
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
