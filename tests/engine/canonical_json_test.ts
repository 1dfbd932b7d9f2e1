import { assertEquals, assertRejects } from "@std/assert";
import { createDatabase } from "../support/database.ts";

Deno.test("canonical_json() writes each number as the smallest type that holds its digits", async () => {
  await using database = await createDatabase();
  const engine = database.as("service_role");
  const cases = [
    ["2147483647", { $numberInt: "2147483647" }],
    ["-2147483648", { $numberInt: "-2147483648" }],
    ["1.00", { $numberInt: "1" }],
    ["2147483648", { $numberLong: "2147483648" }],
    ["9223372036854775807", { $numberLong: "9223372036854775807" }],
    ["0.1", { $numberDouble: "0.1" }],
    ["1e300", { $numberDouble: "1e+300" }],
    ["9223372036854775809", { $numberDecimal: "9223372036854775809" }],
    ["0.12345678901234567890", { $numberDecimal: "0.12345678901234567890" }],
    ['[true, null, "1", {}]', [true, null, "1", {}]],
    ['{"a": [{"b": 2}]}', { a: [{ b: { $numberInt: "2" } }] }],
  ] as const;

  for (const [value, expected] of cases) {
    const [row] = await engine`
      select landfall.canonical_json(${value}::text::jsonb) as written`;
    assertEquals(row!.written, expected, value);
  }
  const [large] = await engine`
    select landfall.canonical_json('1e400') ->> '$numberDecimal' = (1e400)::text as same`;
  assertEquals(large!.same, true);
});

Deno.test("canonical_json() refuses a field that would be read as a type (22023)", async () => {
  await using database = await createDatabase();
  const engine = database.as("service_role");

  const error = await assertRejects(
    async () => await engine`select landfall.canonical_json('{"a": [{"$date": 1}]}')`,
  );

  assertEquals((error as { code?: string }).code, "22023");
});
