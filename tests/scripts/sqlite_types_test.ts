import { assertEquals } from "@std/assert";
import { typesOf } from "../support/sqlite_types.ts";
import { sqlitePipeline } from "../support/sqlite_pipeline.ts";

Deno.test("generate sqlite takes any declared type, and reads columns by their values", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table anything (
      id integer primary key, any_ ANY, odd "FOO BAR(1, 2)", none, big "unsigned big int",
      price decimal(8, 2), rate decimal(4, 1), real_ real, ratio float, blob_ blob, uuid_ text,
      doc text, flag boolean, zero_one, word varchar(5), long varchar(3), words text
    );
    insert into anything values
      (1, 7, 'x', 1, 9007199254740993, 12.5, 1.25, 1, 0.1, x'00ff',
       'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{"b": 1, "a": 2}', 1, 0, 'abcde', 'abcd', 'true'),
      (2, 8, 'y', 2.5, -9223372036854775808, -0.01, 99.9, 2.5, 1e300, x'',
       'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '[]', 0, 1, '', 'é', 'FALSE');
  `);

  const run = await test.move();

  assertEquals(run.rejects, []);
  assertEquals(await typesOf(test.sql, "anything"), {
    id: "bigint",
    any_: "bigint",
    odd: "text",
    none: "double precision",
    big: "bigint",
    price: "numeric(8,2)",
    rate: "numeric",
    real_: "double precision",
    ratio: "double precision",
    blob_: "bytea",
    uuid_: "uuid",
    doc: "jsonb",
    flag: "boolean",
    zero_one: "boolean",
    word: "character varying(5)",
    long: "text",
    words: "boolean",
  });
  const [first] = await test.sql`
    select big::text, price::text, rate::text, blob_, flag, words from anything where id = 1`;
  assertEquals(first, {
    big: "9007199254740993",
    price: "12.50",
    rate: "1.25",
    blob_: first!.blob_,
    flag: true,
    words: true,
  });
  assertEquals([...first!.blob_], [0, 255]);
  assertEquals((await test.against()).entities[0]!.same, 2);
});

Deno.test("generate sqlite reads times in every form, mixed ones too, and rejects what is none", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table dates (
      id integer primary key, millis integer, at datetime, day date, created_at, julian_at real,
      phone integer
    );
    insert into dates (id, millis, at, day, created_at, julian_at, phone) values
      (1, 1627303906122, 1704164645123, '2024-02-29', 1704164645, 2460311.5, 4917612345678),
      (2, 1627303906122, '2024-01-02 03:04:05', '2024-03-01', 1704164645123, 2460312.25, 4917612345679),
      (3, 1627303906122, 1704164645, null, '2024-01-02T03:04:05.123+02:00', null, null),
      (4, null, '', '2024-03-02', 1704164645123456, null, null),
      (5, null, 0, '2024-13-45', '2024-01-02', null, null);
    insert into dates (at, day, created_at) select '2024-05-01', '2024-05-01', 1704164645
      from generate_series(1, 30);
  `.replace(
    "from generate_series(1, 30)",
    `from (with recursive n (i) as (
      select 1 union all select i + 1 from n where i < 30) select * from n)`,
  ));

  const run = await test.move();

  assertEquals(await typesOf(test.sql, "dates"), {
    id: "bigint",
    millis: "bigint",
    at: "timestamp with time zone",
    day: "date",
    created_at: "timestamp with time zone",
    julian_at: "timestamp with time zone",
    phone: "bigint",
  });
  const rows = await test.sql`
    select to_json(at) #>> '{}' as at, to_json(created_at) #>> '{}' as created, julian_at
    from (select * from dates where id <= 3 order by id) as dates`;
  assertEquals(rows.map(({ at, created }) => [at, created]), [
    ["2024-01-02T03:04:05.123+00:00", "2024-01-02T03:04:05+00:00"],
    ["2024-01-02T03:04:05+00:00", "2024-01-02T03:04:05.123+00:00"],
    ["2024-01-02T03:04:05+00:00", "2024-01-02T01:04:05.123+00:00"],
  ]);
  assertEquals(rows[0]!.julian_at.toISOString(), "2024-01-02T00:00:00.000Z");
  assertEquals(run.entities[0]!.rejected, 2);
  const rejects = await test.rejects();
  assertEquals(Object.keys(rejects), ["4", "5"]);
  const details = await test.sql`select source_key, details from landfall.rejects order by 1`;
  assertEquals(details.map(({ details }) => details), [
    [`invalid input syntax for type double precision: ""`],
    [
      `date/time field value out of range: "2024-13-45"`,
      `invalid input syntax for type timestamp with time zone: "not a time: 0"`,
    ],
  ]);
  assertEquals((await test.against()).entities[0]!.differences, []);
});

Deno.test("a mapping makes the values it names NULL, and nothing else does", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table visits (id integer primary key, at datetime, count integer, note text);
    insert into visits values (1, '', '', ''), (2, 0, 5, 'x'), (3, '2024-01-01', 6, null);
    insert into visits select 10 + value, '2024-01-01', 1, 'y' from json_each('[1,2,3,4,5,6,7,8,9,10]');
  `);
  const mapping = `${test.folder}/mapping.json`;
  await Deno.writeTextFile(
    mapping,
    JSON.stringify({
      tables: { visits: { columns: { at: { nulls: ["", 0] }, count: { nulls: [""] } } } },
    }),
  );

  await test.move({ mapping });

  const rows = await test.sql`select at, count::int, note from visits where id < 3 order by id`;
  assertEquals([...rows], [{ at: null, count: null, note: "" }, { at: null, count: 5, note: "x" }]);
  assertEquals((await test.against()).entities[0]!.same, 13);
});

Deno.test("a few values of another kind are rejected with the value; many make the column text", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table mixed (
      id integer primary key, few integer, many integer, truth boolean, infinite real,
      huge integer, flags numeric default false
    );
    insert into mixed values
      (1, 'N/A', 'one', 't', 9e999, 9.3e18, 0), (2, 2, 'two', 'yes', -9e999, 1, 1),
      (3, 3, 'three', 'Y', 0.5, 2, 0), (4, 4, 4, 2, 1, 3, 0);
    insert into mixed select 10 + value, value, value, value % 2, value, value, 0
      from json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]');
  `);

  await test.move();

  assertEquals(await typesOf(test.sql, "mixed"), {
    id: "bigint",
    few: "bigint",
    many: "text",
    truth: "boolean",
    infinite: "double precision",
    huge: "double precision",
    flags: "boolean",
  });
  const rejects = await test.sql`
    select source_key, reasons, details, source_row ->> 'few' as few from landfall.rejects order by 1`;
  assertEquals(rejects.map(({ source_key, details, few }) => [source_key, details, few]), [
    ["1", [`invalid input syntax for type bigint: "N/A"`], "N/A"],
    ["4", [`invalid input syntax for type boolean: "2"`], "4"],
  ]);
  const [kept] = await test.sql`
    select many, truth, infinite::text from mixed where id = 2`;
  assertEquals(kept, { many: "two", truth: true, infinite: "-Infinity" });
  const { entities } = await test.against();
  assertEquals([entities[0]!.same, entities[0]!.rejected], [18, 2]);
});

Deno.test("generate sqlite --no-timestamps and --no-json leave times and documents as they are", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table events (id integer primary key, at datetime, created_at integer, doc text);
    insert into events values (1, '2024-01-01 10:00:00', 1704164645123, '{"a": 1}');
  `);

  await test.move({ timestamps: false, json: false });

  assertEquals(await typesOf(test.sql, "events"), {
    id: "bigint",
    at: "text",
    created_at: "bigint",
    doc: "text",
  });
  assertEquals((await test.against()).entities[0]!.same, 1);
});

Deno.test("what only looks like a boolean, a date or a decimal that fits stays what it is", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table looks (
      id integer primary key, visibility integer check (visibility in (0, 1, 2)),
      tries integer default 3, active integer check (active in (0, 1)), happened_at text,
      day text, small decimal(10, 2), large numeric(30, 2), whole decimal(16, 0), doc json,
      seen_at datetime, fine_at text
    );
    insert into looks values
      (1, 0, 0, 0, '0000-00-00 00:00:00', '2023-02-30', 1e-7, 1e30, 10000000000000000, 5, 0,
        '2024-01-01T00:00:00.1234567Z'),
      (2, 1, 1, 1, '2023-01-01 00:00:00', '2023-02-03', 2, 2, 2, '{"a": 1}', 0,
        '2024-01-01T00:00:00.123Z'),
      (3, 1, 1, 1, '2023-01-02 00:00:00', '2023-02-03', 2, 2, 2, 2.5, '2024-01-01', null);
  `);

  const plan = await test.generate();
  await test.import();
  const run = await test.migrate();

  assertEquals(await typesOf(test.sql, "looks"), {
    id: "bigint",
    visibility: "bigint",
    tries: "bigint",
    active: "boolean",
    happened_at: "text",
    day: "text",
    small: "numeric",
    large: "numeric",
    whole: "numeric",
    doc: "jsonb",
    seen_at: "text",
    fine_at: "timestamp with time zone",
  });
  assertEquals(run.rejects, []);
  const fine = plan.tables[0]!.columns.find(({ name }) => name === "fine_at")!;
  assertEquals(fine.evidence, [
    "all 2 values are ISO texts of 2024",
    "rounded to microseconds: 1",
  ]);
  const { entities } = await test.against();
  assertEquals(entities[0]!.differences, []);
});
