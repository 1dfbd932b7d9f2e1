import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { postgresSetup, textRows } from "./import_postgres.ts";

/** Types of Postgres's own, and values that are hard to carry. */
const COLUMNS: [type: string, ...values: string[]][] = [
  ["bigint", "'-9223372036854775808'", "9223372036854775807"],
  ["smallint", "-32768", "32767"],
  ["numeric", "'123456789012345678901234567890.000000000000000000010'", "'NaN'", "'-Infinity'"],
  ["numeric(12,4)", "1.5", "-99999999.9999"],
  ["real", "'1e-38'", "0.1", "'-0'"],
  ["double precision", "0.1", "'-0'", "'5e-324'"],
  ["money", "'12.34'"],
  ["boolean", "true", "false"],
  ["text", "''", "E'tab\\t nl\\n back\\\\ São 日本 😀'"],
  ["varchar(10)", "'ab  '", "'ção'"],
  ["char(5)", "'ab'"],
  ['"char"', "'x'"],
  ["name", "'a name'"],
  ["bytea", "'\\x00ff5c'", "''"],
  ["date", "'infinity'", "'0044-03-15 BC'", "'2024-02-29'"],
  ["time(3)", "'23:59:59.999'"],
  ["timetz", "'12:00:00+05:30'"],
  ["timestamp", "'2024-03-10 02:30:00.123456'", "'-infinity'"],
  ["timestamptz", "'1900-01-01 00:00:00+00:19:32'", "'294276-12-31'"],
  ["interval", "'1 mon -1 day 00:00:00.000001'"],
  ["uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
  ["json", `'{"b": 1,  "a": 1.0, "b": 2}'`],
  ["jsonb", `'{"a": 1.00, "b": "\\u00e9"}'`],
  ["xml", "'<a>é</a>'"],
  ["bit(4)", "'1010'"],
  ["bit varying", "'101'", "''"],
  ["inet", "'10.0.0.1/8'", "'::1'"],
  ["cidr", "'10.0.0.0/8'"],
  ["macaddr", "'08:00:2b:01:02:03'"],
  ["point", "'(0.1,-0)'"],
  ["polygon", "'((0,0),(1,1),(1,0))'"],
  ["tsvector", "'a:1A b:2'"],
  ["int4range", "'[1,5)'", "'empty'"],
  ["tstzmultirange", "'{[2024-01-01,2024-02-01),[2025-01-01,)}'"],
  ["text[]", `'{a,NULL,"c,\\"d"}'`, "'{}'"],
  ["int[]", "'[0:1]={1,2}'", "'{{1,2},{3,4}}'"],
  ["timestamptz[]", "'{2024-01-01,infinity}'"],
  ["jsonb[]", `array['{"a": [1]}'::jsonb]`],
  ["pg_lsn", "'16/B374D848'"],
];

Deno.test("import postgres carries every type over exactly, and as text", async () => {
  await using test = await postgresSetup();
  const names = COLUMNS.map(([type], place) => ({ name: `c${place}`, type }));
  const list = names.map(({ name, type }) => `${name} ${type}`).join(", ");
  const rows = [0, 1, 2, 3].map((nth) =>
    `(${[nth, ...COLUMNS.map(([, ...values]) => values[nth] ?? "null")].join(", ")})`
  );
  await test.source.unsafe(`create table things (id int, ${list})`);
  await test.source.unsafe(`insert into things values ${rows.join(", ")}`);
  await test.target.sql.unsafe(`create table staging.shop_same (id int, ${list})`);
  await test.source`create view same as select * from things`;
  const texts = names.map(({ name }) => `${name} text`).join(", ");
  await test.target.sql.unsafe(`create table staging.shop_texts (id int, ${texts})`);
  await test.source`create view texts as select * from things`;
  await test.source.unsafe(
    `alter role postgres in database ${
      new URL(test.url).pathname.slice(1)
    } set timezone = 'America/Sao_Paulo'`,
  );

  await test.report(["--tables", "things,same,texts"]);

  const source = await textRows(test.source, "things");
  assertEquals(source.length, 4);
  assertEquals(await test.rows("shop_same"), source);
  assertEquals(await test.rows("shop_things"), source);
  const columns = await test.target.sql`
    select string_agg(format_type(atttypid, atttypmod), ', ' order by attnum) as types
    from pg_attribute where attrelid in ('staging.shop_things'::regclass, 'staging.shop_same'::regclass)
      and attnum > 0 group by attrelid`;
  assertEquals(columns[0], columns[1]);
  // char(5) loses the blanks it was filled up with; a time zone would show in texts
  assertEquals(await test.rows("shop_texts"), source);
});

Deno.test("import postgres makes text of types that the target lacks", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(`
    create extension citext; create extension hstore;
    create type mood as enum ('sad', 'über'); create type pair as (a int, b text);
    create domain small as smallint check (value < 10); create domain smaller as small;
    create domain moods as mood[];
    create table things (id int generated always as identity, m mood, ms mood[], d smaller,
      ds smaller[], p pair, ps pair[], c citext, cs citext[], h hstore, r regclass, mm moods,
      twice int generated always as (d * 2) stored);
    insert into things (m, ms, d, ds, p, ps, c, cs, h, r, mm) values ('über', '{sad,NULL}', 7, '{1,2}',
      '(1,"x,y")', array['(2,z)'::pair], 'Ab', '{Cd}', 'a=>1', 'things', '{sad}')`);

  await test.report();

  const [row] = await test.rows("shop_things");
  assertEquals(row, [
    "1",
    "über",
    "{sad,NULL}",
    "7",
    "{1,2}",
    '(1,"x,y")',
    '{"(2,z)"}',
    "Ab",
    "{Cd}",
    '"a"=>"1"',
    "public.things",
    "{sad}",
    "14",
  ]);
});

Deno.test("import postgres casts what loses nothing, and takes times without a zone for UTC", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(`
    create type mood as enum ('sad');
    create table things (a smallint, b int, c bigint, d real, e varchar(5), f date, g timestamp,
      h text, i text, j boolean, k int[], l mood, m timestamp, n text);
    insert into things values (1, 2, 3, 0.1, 'x', '2024-01-02', '2024-01-02 03:04:05', '42',
      '{"a": 1}', true, '{1,2}', 'sad', 'infinity', '{x,y}')`);
  await test.target.sql.unsafe(`
    create type staging.feeling as enum ('sad', 'glad');
    create table staging.shop_things (a bigint, b numeric, c numeric(20,2), d double precision,
      e text, f timestamp, g timestamptz, h int, i jsonb, j text, k bigint[], l staging.feeling,
      m timestamptz, n text[])`);

  const { stdout } = await test.run();

  assertStringIncludes(stdout, "Times without a zone, taken for UTC: things.g, things.m.");
  assertEquals(await test.rows("shop_things"), [[
    "1",
    "2",
    "3.00",
    "0.10000000149011612",
    "x",
    "2024-01-02 00:00:00",
    "2024-01-02 03:04:05+00",
    "42",
    '{"a": 1}',
    "true",
    "{1,2}",
    "sad",
    "infinity",
    "{x,y}",
  ]]);
});

Deno.test("import postgres refuses a pair of types that would change values (LF011)", async () => {
  await using test = await postgresSetup();
  const pairs: [from: string, to: string][] = [
    ["bigint", "integer"],
    ["bigint", "double precision"],
    ["numeric", "numeric(10,2)"],
    ["numeric(10,4)", "numeric(10,2)"],
    ["text", "numeric(10,2)"],
    ["text", '"char"'],
    ["text", "name"],
    ["text", "real"],
    ["text", "double precision"],
    ["varchar(9)", "money"],
    ["text", "date"],
    ["text", "time"],
    ["text", "timestamp"],
    ["text", "timestamptz"],
    ["text", "interval"],
    ["text", "date[]"],
    ["timestamp(6)", "timestamp(0)"],
    ["timestamptz", "timestamp"],
    ["timestamptz", "date"],
    ["integer", "boolean"],
    ["integer[]", "integer"],
    ["uuid", "bytea"],
    ["regclass", "regclass"],
  ];

  for (const [from, to] of pairs) {
    await test.source.unsafe(`create table things (x ${from})`);
    await test.target.sql.unsafe(`create table staging.shop_things (x ${to})`);
    const { code, stderr } = await test.run();
    assertEquals(code, 2, `${from} to ${to}: ${stderr}`);
    assertMatch(stderr, /^error LF011: Cannot import table things: its column x is .+ is .+\n/);
    assertMatch(stderr, /Make the staging column (?!text or text).+ in its migration/);
    await test.source`drop table things`;
    await test.target.sql`drop table staging.shop_things`;
  }
});

Deno.test("import postgres names table, column and type of a value that does not cast (LF011)", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(`
    create table things (id int, n text, d text);
    insert into things select i, i, '{}' from generate_series(1, 50000) as i;
    insert into things values (0, 'secret word', '{}')`);
  await test.target.sql`create table staging.shop_things (id int, n int, d json)`;
  await test.target.sql`insert into staging.shop_things values (7)`;

  const { code, stdout, stderr } = await test.run(["--json"]);

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: .+ table things has a value .+ in n \(integer\)\n/);
  assertEquals(`${stdout}${stderr}`.includes("secret"), false);
  assertEquals(JSON.parse(stdout).code, "LF011");
  assertEquals(await test.rows("shop_things"), [["7", null, null]]);
});

Deno.test("import postgres says which constraint refuses a row, without the row (LF011)", async () => {
  await using test = await postgresSetup();
  await test.source`create table things (id int, t text)`;
  await test.source`insert into things values (1, 'secret'), (2, 'secret')`;
  const refusals: [columns: string, says: string][] = [
    ["id int, t text unique", "shop_things_t_key"],
    ["id int, t varchar(3)", "value too long for type character varying(3). Column t, character"],
    ["id int check (id < 2), t text", "constraint shop_things_id_check"],
    ["id int, t text, u int not null default nullif(1, 1)", 'null value in column "u"'],
  ];

  for (const [columns, says] of refusals) {
    await test.target.sql.unsafe(`create table staging.shop_things (${columns})`);
    const { code, stderr } = await test.run();
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /^error LF011: Cannot import into staging\.shop_things: it refuses a row\n/,
    );
    assertStringIncludes(stderr, says);
    assertEquals(stderr.includes("secret"), false);
    await test.target.sql`drop table staging.shop_things`;
  }
});

Deno.test("import postgres reads LATIN1, and refuses bytes that are no text (LF011)", async () => {
  await using latin = await postgresSetup("encoding 'LATIN1' locale_provider libc locale 'C'");
  await latin.source`create table things (t text, n text)`;
  await latin.source`insert into things values ('São', 'x')`;
  await latin.report();
  await using bytes = await postgresSetup("encoding 'SQL_ASCII' locale_provider libc locale 'C'");
  await bytes.source`create table things (t text)`;
  await bytes.source.unsafe(`insert into things values (E'S\\xe3o')`);

  const { code, stderr } = await bytes.run();

  assertEquals(await latin.rows("shop_things"), [["São", "x"]]);
  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: .*(no UTF-8|no valid UTF-8)/);
  assertStringIncludes(stderr, "SQL_ASCII");
});

Deno.test("import postgres says that jsonb has no character 0 (LF011)", async () => {
  await using test = await postgresSetup();
  await test.source`create table things (j json)`;
  await test.source.unsafe(`insert into things values ('{"a": "secret \\u0000"}')`);
  await test.target.sql`create table staging.shop_things (j jsonb)`;

  const { code, stderr } = await test.run();

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: .* table things has a JSON with the character \\u0000/);
  assertEquals(/SQL_ASCII|secret/.test(stderr), false);
});

Deno.test("import postgres makes tables without columns, and of a source that quotes all names", async () => {
  await using test = await postgresSetup();
  await test.source`create table nothing ()`;
  await test.source`insert into nothing default values`;
  await test.source`create table things (id int, note text)`;
  const database = new URL(test.url).pathname.slice(1);
  await test.source.unsafe(`alter database ${database} set quote_all_identifiers = on`);

  const { tables } = await test.report();
  await test.report();

  assertEquals(tables.nothing!.rows, 1);
  const columns = await test.target.sql`
    select format_type(atttypid, -1) as type from pg_attribute
    where attrelid = 'staging.shop_things'::regclass and attnum > 0 order by attnum`;
  assertEquals(columns.map(({ type }) => type), ["integer", "text"]);
});
