import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { SQLInputValue } from "node:sqlite";
import { type ImportSetup, importSetup } from "./import_sqlite.ts";

Deno.test("import sqlite gives each column the type that its values need", async () => {
  await using test = await importSetup();
  test.make(`
    create table kinds (
      whole, real, both, digits, letters, bytes, mixed, empty integer, dates datetime
    );
    insert into kinds values
      (9223372036854775807, 0.1, 1, 9007199254740993, 'a', x'00ff', 1, null, '2024-01-01'),
      (-9223372036854775808, 9e999, 0.5, 0.5, '', x'', 'one', null, null),
      (null, -0.0, 2.0, -9e999, null, null, 1.0, null, null);
  `);

  const { tables } = await test.report(0);

  assertEquals(await test.types("shop_kinds"), {
    whole: "bigint",
    real: "double precision",
    both: "double precision",
    digits: "numeric",
    letters: "text",
    bytes: "bytea",
    mixed: "text",
    empty: "bigint",
    dates: "text",
  });
  assertEquals(await test.rows("shop_kinds"), [
    ["-9223372036854775808", "Infinity", "0.5", "0.5", "", "\\x", "one", null, null],
    [
      "9223372036854775807",
      "0.1",
      "1",
      "9007199254740993",
      "a",
      "\\x00ff",
      "1",
      null,
      "2024-01-01",
    ],
    [null, "-0", "2", "-Infinity", null, null, "1.0", null, null],
  ]);
  assertEquals(tables.kinds!.mixed, { mixed: { integer: 1, real: 1, text: 1 } });
});

Deno.test("import sqlite widens a type when a later row needs another", async () => {
  await using test = await importSetup();
  test.make(`
    create table late (id integer primary key, whole, twice, real, bad text);
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2000)
    insert into late select n, n, 9007199254740993, 0.5, iif(n = 1, 'a' || char(0), 'a') from numbers;
    update late set whole = 2.0 where id = 1700;
    update late set twice = 0.25 where id = 1800;
    update late set real = 'none' where id = 1900;
  `);

  const { tables, leftOut } = await test.report(3);

  assertEquals(await test.types("shop_late"), {
    id: "bigint",
    whole: "double precision",
    twice: "numeric",
    real: "text",
    bad: "text",
  });
  const rows = await test.rows("shop_late");
  const row = (id: number) => rows.find(([found]) => found === String(id));
  assertEquals(row(1700), ["1700", "2", "9007199254740993", "0.5", "a"]);
  assertEquals(row(1800), ["1800", "1800", "0.25", "0.5", "a"]);
  assertEquals(row(1900), ["1900", "1900", "9007199254740993", "none", "a"]);
  assertEquals([rows.length, tables.late!.rows, leftOut], [1999, 1999, 1]);
  const kept = await test.database.sql`select row_id from landfall.left_out`;
  assertEquals(kept.map(({ row_id }) => row_id), ["1"]);
});

Deno.test("import sqlite leaves out what it cannot carry over exactly, by row and column", async () => {
  await using test = await importSetup();
  // SQLite cuts, replaces and converts none of these: a driver does
  test.make(
    "create table texts (id integer primary key, one, two text)",
  );
  test.make(
    "insert into texts values (?, cast(? as text), 'ok')",
    ...[
      ["00"],
      ["610062"],
      ["ff"],
      ["f09f98"],
      ["eda080"],
      ["c080"],
      ["f4908080"],
      ["efbfbd"],
      ["efbbbf61"],
      ["f09f9880"],
      [""],
    ].map(([hex], nth): SQLInputValue[] => [nth + 1, Uint8Array.fromHex(hex!)]),
  );
  test.make("insert into texts values (12, 'ok', x'00')");

  const { tables, leftOut, first } = await test.report(3);

  assertEquals([tables.texts!.rows, leftOut], [4, 8]);
  assertEquals(
    await test.rows("shop_texts"),
    [
      ["10", "😀", "ok"],
      ["11", "", "ok"],
      ["8", "\ufffd", "ok"],
      ["9", "\ufeffa", "ok"],
    ],
  );
  assertEquals(first.map(({ rowId, column, reason }) => [rowId, column, reason]), [
    ["1", "one", "a text with a NUL character"],
    ["2", "one", "a text with a NUL character"],
    ["3", "one", "a text that is not UTF-8"],
    ["4", "one", "a text that is not UTF-8"],
    ["5", "one", "a text that is not UTF-8"],
    ["6", "one", "a text that is not UTF-8"],
    ["7", "one", "a text that is not UTF-8"],
    ["12", "two", "a blob in a column of type text"],
  ]);
});

Deno.test("import sqlite writes into a pipeline's own columns exactly or not at all", async () => {
  await using test = await importSetup();
  const cases: [type: string, fits: [string, string][], reasons: [string, string][]][] = [
    ["text", [["1", "1"], ["2.0", "2.0"], ["1e300", "1e+300"], ["-9e999", "-Infinity"]], [
      ["x'61'", "a blob in a column of type text"],
    ]],
    ["varchar(2)", [["'😀é'", "😀é"]], [["'abc'", "a text of more than 2 characters"]]],
    ["smallint", [["-32768", "-32768"], ["5.0", "5"]], [
      ["32768", "an integer that is out of range for smallint"],
      ["'7'", "a text in a column of type smallint"],
      ["0.5", "a real in a column of type smallint"],
      ["-0.0", "a real in a column of type smallint"],
    ]],
    ["integer", [["2147483647", "2147483647"]], [
      ["-2147483649", "an integer that is out of range for integer"],
    ]],
    ["bigint", [["-9223372036854775808", "-9223372036854775808"]], [
      ["9223372036854775808.0", "a real that is out of range for bigint"],
    ]],
    ["double precision", [["9007199254740992", "9.007199254740992e+15"], ["-9e999", "-Infinity"]], [
      ["9007199254740993", "an integer that loses digits as double precision"],
    ]],
    ["real", [["0.5", "0.5"]], [["0.1", "a real that loses digits as real"]]],
    ["numeric", [["9223372036854775807", "9223372036854775807"], ["1e-7", "0.0000001"]], [
      ["-0.0", "a real in a column of type numeric"],
    ]],
    ["numeric(4,2)", [["99.99", "99.99"], ["-7", "-7.00"]], [
      ["100", "an integer that does not fit numeric(4,2)"],
      ["0.125", "a real that does not fit numeric(4,2)"],
      ["9e999", "a real in a column of type numeric(4,2)"],
    ]],
    ["boolean", [["1", "true"], ["0", "false"]], [
      ["2", "an integer in a column of type boolean"],
    ]],
    ["bytea", [["x'00ff'", "\\x00ff"]], [["'a'", "a text in a column of type bytea"]]],
    ["text not null", [["''", ""]], [["null", "NULL in a column that refuses it"]]],
  ];
  for (const [nth, [type, fits, reasons]] of cases.entries()) {
    await test.database.sql.unsafe(`create table staging.shop_t${nth} (id int, value ${type})`);
    const values = [...fits, ...reasons].map(([value], place) => `(${place}, ${value})`);
    test.make(`create table t${nth} (id, value); insert into t${nth} values ${values}`);
  }

  await test.report(3);

  const kept = await test.database.sql`
    select table_name, row_id::int - 1 as row, column_name, reason from landfall.left_out
    order by id`;
  for (const [nth, [type, fits, reasons]] of cases.entries()) {
    assertEquals(
      await test.rows(`shop_t${nth}`),
      fits.map(([, text], place) => [String(place), text]),
      type,
    );
    assertEquals(
      kept.filter(({ table_name }) => table_name === `t${nth}`)
        .map(({ row, column_name, reason }) => [row, column_name, reason]),
      reasons.map(([, reason], place) => [fits.length + place, "value", reason]),
      type,
    );
  }
});

Deno.test("import sqlite reads UTF-16, and leaves out halves of characters", async () => {
  await using test = await importSetup();
  for (const encoding of ["UTF-16le", "UTF-16be"]) {
    await Deno.remove(test.file).catch(() => {});
    const [half, joined] = encoding === "UTF-16le"
      ? ["3dd86100", "3dd800de"]
      : ["d83d0061", "d83dde00"];
    test.make(`
      pragma encoding = '${encoding}';
      create table texts (id integer primary key, name text);
      insert into texts values (1, 'Åse 日本'), (2, 'a' || char(0) || 'b'), (3, null);
      insert into texts values (4, cast(x'${half}' as text)), (5, cast(x'${joined}' as text));
    `);

    const { first } = await test.report(3);

    assertEquals(await test.rows("shop_texts"), [["1", "Åse 日本"], ["3", null], ["5", "😀"]]);
    assertEquals(first.map(({ rowId, reason }) => [rowId, reason]), [
      ["2", "a text with a NUL character"],
      ["4", `a text that is not ${encoding.toUpperCase()}`],
    ]);
  }
});

Deno.test("import sqlite carries large values over, and rows of any size beside each other", async () => {
  await using test = await importSetup();
  test.make("create table large (id integer primary key, body, name text)");
  // longer than what is sent at once; beyond a length, texts take another way
  const lengths = [0, 63, 64, 65, 300_000, 1_000_000, 1_100_000, 5_000_000, 1];
  test.make(
    "insert into large values (?, zeroblob(?), ?)",
    ...lengths.map((length, id): SQLInputValue[] => [id, length, "é".repeat(length)]),
  );

  await test.report(0);

  const staged = await test.database.sql`
    select octet_length(body) as bytes, body = decode(repeat('00', octet_length(body)), 'hex') as same,
      length(name) as letters, name = repeat('é', length(name)) as spelt
    from staging.shop_large order by id`;
  assertEquals(
    staged.map((row) => ({ ...row })),
    lengths.map((length) => ({ bytes: length, same: true, letters: length, spelt: true })),
  );
});

type Value = null | bigint | number | string | Uint8Array;

const integer = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt(-9n, 9n));
const real = fc.double({ noNaN: true });
const text = fc.string({ unit: "binary", maxLength: 100 });
const blob = fc.uint8Array({ maxLength: 8 });
const nullable = (value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: null }) as fc.Arbitrary<Value>;
/** Columns of one kind of value, and of several; `rows` of them stand beside each other. */
const KINDS = [integer, real, fc.oneof(integer, real), text, blob, fc.oneof(integer, text, real)];
const someRows = fc.array(fc.tuple(...KINDS.map(nullable)), { minLength: 1, maxLength: 60 });

Deno.test("import sqlite carries random tables over, value by value", async () => {
  await using test = await importSetup();
  await fc.assert(
    fc.asyncProperty(fc.array(someRows, { minLength: 5, maxLength: 8 }), async (tables) => {
      await Deno.remove(test.file).catch(() => {});
      const columns = KINDS.map((_, nth) => `c${nth}`);
      for (const [nth, rows] of tables.entries()) {
        const without = nth % 2 === 0 ? "" : " without rowid";
        test.make(`create table t${nth} (id integer primary key, ${columns})${without}`);
        const marks = columns.map(() => "?").join(", ");
        test.make(
          `insert into t${nth} values (?, ${marks})`,
          ...rows.map((row, place) => [place, ...row] as SQLInputValue[]),
        );
      }

      const lost = tables.flat().filter((row) => row.some(unstorable)).length;
      const { leftOut } = await test.report(lost > 0 ? 3 : 0);

      assertEquals(leftOut, lost);
      for (const [nth, rows] of tables.entries()) await compare(test, `shop_t${nth}`, rows);
    }),
    { numRuns: 4, endOnFailure: true },
  );
});

/** Compares a staging table with the rows it was made from, each value by its column's type. */
async function compare(test: ImportSetup, table: string, rows: readonly Value[][]): Promise<void> {
  const types = Object.values(await test.types(table)).slice(1);
  const staged = new Map((await test.rows(table)).map(([id, ...row]) => [Number(id), row]));
  for (const [place, row] of rows.entries()) {
    const found = staged.get(place);
    if (row.some(unstorable)) {
      assertEquals(found, undefined);
      continue;
    }
    assertEquals(found!.map((value, nth) => read(value, row[nth]!, types[nth]!)), row);
  }
}

/** Reads what Postgres wrote as a value of the same kind. */
function read(text: string | null, like: Value, type: string): Value {
  if (text === null || typeof like === "string") return text;
  if (typeof like === "bigint") return BigInt(type === "double precision" ? Number(text) : text);
  if (typeof like === "number") return Number(text);
  return Uint8Array.fromHex(text.slice(2));
}

function unstorable(value: Value): boolean {
  return typeof value === "string" && value.includes("\0");
}
