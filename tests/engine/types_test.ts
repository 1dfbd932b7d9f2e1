import { assertEquals } from "@std/assert";
import { counts, reasons } from "../support/migration.ts";
import { setup } from "./setup.ts";

Deno.test("values of every kind arrive as they are", async () => {
  await using test = await setup({
    before: `
      create type public.colour as enum ('red', 'dark green');
      create type public.size as (width int, unit text);
      create domain public.positive as int check (value > 0)`,
    columns: `
      id bigint primary key, a boolean, b numeric, c numeric(10,2), d double precision, e real,
      f timestamptz, g timestamp, h date, i interval, j uuid, k jsonb, l json, m bytea,
      n text[], o int[], p colour, q colour[], r size, s positive, t inet, u int4range,
      v tsvector, w xml, x money, y point, z time`,
    give: {
      l: "(row -> 'l')::json",
      n: "array(select jsonb_array_elements_text(row -> 'n'))",
    },
    rows: [ROW],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 1, inserted: 1 });
  const [row] = await test.sql`
    select
      id::text, a::text, b::text, c::text, d::text, e::text, f::text, g::text, h::text, i::text,
      j::text, k::text, l::text, m::text, n::text, o::text, p::text, q::text, r::text, s::text,
      t::text, u::text, v::text, w::text, x::text, y::text, z::text
    from items`;
  assertEquals(row, {
    ...ROW,
    c: "1.24",
    e: "0.1",
    f: "2024-02-29 22:30:00+00",
    k: '{"a": [1.1, null]}',
    l: '{"a": [1.1, null]}',
    n: '{"a,b",NULL,""}',
  });
  assertEquals(counts(await test.migrate()), { source: 1, unchanged: 1 });
});

Deno.test("a value that does not cast rejects its row, with the column and no value", async () => {
  await using test = await setup({
    before: "create type public.colour as enum ('red')",
    columns: `
      id int primary key, whole int, big bigint, small smallint, money numeric(4,2), at timestamptz,
      yes boolean, colour colour, list int[], uuid uuid, day date, span interval, bits bit(2),
      address inet, shape jsonb`,
    give: { shape: "(row ->> 'shape')::jsonb" },
    rows: [
      { id: 1, whole: "12", yes: "on", list: "{1}", shape: "{}" },
      { id: 2, whole: "twelve" },
      { id: 3, whole: 2147483648, small: 40000, big: 1e19 },
      { id: 4, money: 100 },
      { id: 5, at: "2024-02-30", day: "someday", span: "soon" },
      { id: 6, yes: 2 },
      { id: 7, colour: 'Red" rose' },
      { id: 8, list: "1, 2" },
      { id: 9, uuid: 'not: "one"' },
      { id: 10, bits: "012" },
      { id: 11, address: "1.2.3.256", shape: "{'a': 1}" },
      { id: 12, whole: 1.5 },
      { id: 13, at: "2024-01-01 00:00 Mars/Olympus" },
    ],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 13, inserted: 1, rejected: 12 });
  assertEquals(reasons(report), {
    "address: invalid input syntax for type inet": ["r0011"],
    "at: date/time field value out of range": ["r0005"],
    "at: time zone not recognized": ["r0013"],
    "big: value is out of range for type bigint": ["r0003"],
    "bits: is not a valid binary digit": ["r0010"],
    "colour: invalid input value for enum public.colour": ["r0007"],
    "day: invalid input syntax for type date": ["r0005"],
    "list: malformed array literal": ["r0008"],
    "money: numeric field overflow": ["r0004"],
    "shape: invalid input syntax for type json": ["r0011"],
    "small: value is out of range for type smallint": ["r0003"],
    "span: invalid input syntax for type interval": ["r0005"],
    "uuid: invalid input syntax for type uuid": ["r0009"],
    "whole: invalid input syntax for type integer": ["r0002", "r0012"],
    "whole: value is out of range for type integer": ["r0003"],
    "yes: invalid input syntax for type boolean": ["r0006"],
  });
});

Deno.test("what Postgres said of a value is kept with the reject, for whoever mends it", async () => {
  await using test = await setup({
    columns: "id int primary key, a int, b date",
    rows: [{ id: 1, a: "twelve", b: "never" }],
  });

  await test.migrate();

  const { r0001 } = await test.rejects();
  assertEquals(
    new Set(r0001!.details),
    new Set([
      'invalid input syntax for type integer: "twelve"',
      'invalid input syntax for type date: "never"',
    ]),
  );
});

Deno.test("a day without a time zone means the same, whoever calls", async () => {
  await using test = await setup({
    columns: "id int primary key, at timestamptz, day date",
    rows: [{ id: 1, at: "2024-03-01 10:00", day: "02/03/2024" }],
  });
  await test.engine`select set_config('timezone', 'Asia/Tokyo', false)`;
  await test.sql`
    alter role service_role set timezone to 'Asia/Tokyo'`;
  await test.sql`alter role service_role set datestyle to 'ISO, DMY'`;

  await test.migrate();

  const [row] = await test.sql`select at::text, day::text from items`;
  assertEquals(row, { at: "2024-03-01 10:00:00+00", day: "2024-02-03" });
});

Deno.test("a table of 120 columns migrates, its rejects as well", async () => {
  const names = Array.from({ length: 120 }, (_, nth) => `column_${nth}`);
  await using test = await setup({
    columns: `id int primary key, ${names.map((name) => `${name} int not null`).join(", ")}`,
    rows: [
      { id: 1, ...Object.fromEntries(names.map((name, nth) => [name, nth])) },
      { id: 2 },
      { id: 3, ...Object.fromEntries(names.map((name) => [name, "x"])) },
      {
        id: 4,
        ...Object.fromEntries(names.map((name, nth) => [name, nth % 50 ? nth : `x${nth}`])),
      },
    ],
  });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 4, inserted: 1, rejected: 3 });
  const rejects = await test.rejects();
  assertEquals(rejects.r0002!.reasons.length, 120);
  assertEquals(rejects.r0004!.reasons, [
    "column_0: invalid input syntax for type integer",
    "column_100: invalid input syntax for type integer",
    "column_50: invalid input syntax for type integer",
  ]);
});

/** One value of each type, in Postgres's own words. */
const ROW = {
  id: "9007199254740993",
  a: "true",
  b: "12345678901234567890.123456789012345678",
  c: "1.235",
  d: "NaN",
  e: "0.10000000001",
  f: "2024-03-01T00:30:00+02:00",
  g: "2024-03-01 00:30:00",
  h: "0044-03-15 BC",
  i: "1 mon 00:00:01.5",
  j: "00000000-0000-4000-8000-000000000000",
  k: { a: [1.1, null] } as unknown,
  l: { a: [1.1, null] } as unknown,
  m: "\\x00ff",
  n: ["a,b", null, ""] as unknown,
  o: "{1,NULL,3}",
  p: "dark green",
  q: '{"dark green",red}',
  r: '(1,"in ches")',
  s: "1",
  t: "10.0.0.1/24",
  u: "[1,5)",
  v: "'a' 'b':2A",
  w: "<a>1</a>",
  x: "$1,234.50",
  y: "(1,2)",
  z: "23:59:59.5",
};
