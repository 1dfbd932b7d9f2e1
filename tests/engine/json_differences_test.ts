import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type postgres from "postgres";
import { createDatabase } from "../support/database.ts";

const RUNS = Number(Deno.env.get("LANDFALL_TEST_RUNS") ?? 150);
const json = fc.jsonValue({ maxDepth: 3, stringUnit: "grapheme" }).map((value) =>
  // what jsonb cannot hold never reaches it
  JSON.parse(JSON.stringify(value).replaceAll("\\u0000", "").replaceAll("-0", "0"))
);

Deno.test("json_differences() tells what is otherwise written from what differs", async () => {
  await using database = await createDatabase();
  const cases: [string, unknown, unknown, string[]][] = [
    ["equal documents", { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ["a number as text", { a: "12.50" }, { a: 12.5 }, ["a form"]],
    ["a power of ten", "1e3", 1000, [" form"]],
    ["a leading zero", { a: "007" }, { a: 7 }, ["a changed"]],
    ["a boolean as text", { a: "true" }, { a: true }, ["a form"]],
    ["another word for true", { a: "yes" }, { a: true }, ["a changed"]],
    ["blanks around a text", { a: " x " }, { a: "x" }, ["a form"]],
    ["another text", { a: "x" }, { a: "y" }, ["a changed"]],
    ["null and nothing", { a: null, b: "", c: [], d: {} }, {}, [
      "a form",
      "b form",
      "c form",
      "d form",
    ]],
    ["a value that is gone", { a: 1 }, {}, ["a lost"]],
    ["a value that came", {}, { a: 0 }, ["a added"]],
    ["a value that became null", { a: 1 }, { a: null }, ["a lost"]],
    ["an instant", "2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00.000Z", [" form"]],
    ["milliseconds of an instant", 1_714_557_600_123, "2024-05-01T10:00:00.123Z", [" form"]],
    ["seconds of an instant", "1714557600", "2024-05-01T10:00:00.000Z", [" form"]],
    ["a day and its midnight", "2024-05-01", "2024-05-01T00:00:00.000Z", [" form"]],
    ["a time without a zone", "2024-05-01 10:00", "2024-05-01T10:00:00Z", [" form"]],
    ["an instant a millisecond later", "2024-05-01T10:00:00.001Z", "2024-05-01T10:00:00Z", [
      " changed",
    ]],
    ["a day that is none", "2024-02-30", "2024-03-01", [" changed"]],
    ["two numbers", 1_714_557_600, 1_714_557_600_000, [" changed"]],
    [
      "letters of a uuid",
      "ABCDEF00-0000-4000-8000-00000000000A",
      "abcdef00-0000-4000-8000-00000000000a",
      [" form"],
    ],
    ["a document as text", '{"a": "1"}', { a: 1 }, [" form", "a form"]],
    ["a text that is no document", "{a}", { a: 1 }, [" changed"]],
    ["another order", { a: ["x", "y"] }, { a: ["y", "x"] }, ["a form"]],
    ["an element that is gone", ["x", "y", "z"], ["x", "z"], [" form", "[1] lost"]],
    ["one of two alike", ["x", "x"], ["x"], ["[1] lost"]],
    [
      "elements by their ids",
      [{ id: 1, n: "1" }, { id: 2, n: 2 }],
      [{ id: 2, n: 2 }, { id: 1, n: 1 }],
      [" form", "[0].n form"],
    ],
    ["elements by their places", [{ n: 1 }, { n: 2 }], [{ n: 1 }, { n: 3 }], ["[1].n changed"]],
    ["odd names", { "a b": { "ü": 1 } }, { "a b": { "ü": 2 } }, ['["a b"]["ü"] changed']],
    ["kinds", { a: [1] }, { a: { b: 1 } }, ["a changed"]],
    ["nothing at all", null, undefined, [" form"]],
    ["a document that is gone", { a: 1 }, undefined, [" lost"]],
  ];
  for (const [what, original, restored, expected] of cases) {
    assertEquals(await differences(database.sql, original, restored), expected, what);
  }
});

Deno.test("json_differences() of a document and itself are none, and what is taken out is lost", async () => {
  await using database = await createDatabase();
  const property = fc.asyncProperty(json, json, fc.string(), async (value, other, name) => {
    const { sql } = database;
    assertEquals(await differences(sql, value, value), []);
    const said = (await differences(sql, value, other)).filter((each) => !each.endsWith(" form"));
    if (JSON.stringify(value) === JSON.stringify(other)) assertEquals(said, []);
    const key = `m${name.replaceAll(/\W/g, "")}`;
    assertEquals(
      await differences(sql, { [key]: 1, rest: value }, { rest: value }),
      [`${key} lost`],
    );
  });
  await fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: 10_000 });
});

Deno.test("json_differences() bears deep documents, and whatever looks like a number or a time", async () => {
  await using database = await createDatabase();
  const deep = (leaf: unknown) => {
    let value: unknown = leaf;
    for (let depth = 0; depth < 400; depth++) value = depth % 2 === 0 ? { a: value } : [value];
    return value;
  };
  const [found] = await differences(database.sql, deep(1), deep(2));
  assertEquals(found?.endsWith("changed"), true);

  const odd = [
    "NaN",
    "1e99999",
    "-",
    "0x1f",
    "99999999999999999999",
    "2024-13-45",
    "٣",
    "2024-05-01T99:00:00Z",
  ];
  for (const one of odd) {
    for (const other of [...odd, 1, "2024-05-01T10:00:00Z", true]) {
      const expected = one === other ? [] : [" changed"];
      assertEquals(await differences(database.sql, one, other), expected, `${one} ${other}`);
    }
  }
});

/** Paths and kinds, in the order of both. */
async function differences(
  sql: postgres.Sql,
  original: unknown,
  restored: unknown,
): Promise<string[]> {
  const text = (value: unknown) => value === undefined ? null : JSON.stringify(value);
  const rows = await sql`
    select path, kind
    from landfall.json_differences(
      ${text(original)}::text::jsonb, ${text(restored)}::text::jsonb
    )`;
  return rows.map(({ path, kind }) => `${path} ${kind}`).sort();
}
