import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { postgresSetup } from "./import_postgres.ts";

const SHOP = `
  create table users (id int primary key, email text, password_hash text);
  create table orders (id int, user_id int, total numeric);
  create view totals as select user_id, sum(total) as total from orders group by user_id;
  insert into users values (1, 'a@b.example', 'secret'), (2, null, 'secret');
  insert into orders values (10, 1, 1.50), (11, 1, 2.25)`;

Deno.test("import postgres fills the pipeline's tables by name, and reads nothing else", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(SHOP);
  await test.target.sql.unsafe(`
    create table staging.shop_users (note text default 'none', id int, email text);
    create table staging.shop_emails (id int);
    comment on table staging.shop_emails is 'Addresses, each once. Filled by triggers.';
    insert into staging.shop_users values ('old', 9, 'old'); insert into staging.shop_emails values (5)`);

  const { code, stdout } = await test.run();

  assertEquals(code, 0);
  assertMatch(stdout, /^2 rows of 127\.0\.0\.1\/\w+ for pipeline shop in /);
  assertMatch(stdout, /\nusers +staging\.shop_users +2\n/);
  assertStringIncludes(stdout, "\nNot imported: orders, users.password_hash.\n");
  assertStringIncludes(stdout, "left as the table's default: staging.shop_users.note.");
  assertEquals(await test.rows("shop_users"), [["none", "1", "a@b.example"], ["none", "2", null]]);
  assertEquals(await test.rows("shop_emails"), [["5"]]);
});

Deno.test("import postgres makes tables for a pipeline that has none, and makes them anew", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(SHOP);
  await test.report();
  await test.source`alter table users drop column password_hash`;
  await test.source`delete from users where id = 1`;

  const report = await test.report();
  const named = await test.report(["--tables", "totals"]);

  const { durationMs: _, source, ...rest } = report;
  assertMatch(source, /^127\.0\.0\.1\/test_\w+_source$/);
  const made = { made: true, notImported: [], notFilled: [], asUtc: [] };
  assertEquals(rest, {
    pipeline: "shop",
    schema: "public",
    companies: [],
    tables: {
      orders: { staging: "staging.shop_orders", rows: 2, ...made },
      users: { staging: "staging.shop_users", rows: 1, ...made },
    },
    notImported: [],
    left: [],
  });
  assertEquals(await test.rows("shop_users"), [["2", null]]);
  assertEquals(Object.keys(named.tables), ["totals"]);
  assertEquals(await test.rows("shop_totals"), [["1", "3.75"]]);
  const [kept] = await test.target.sql`
    select relrowsecurity, (select count(*)::int from pg_index where indrelid = pg_class.oid) as keys,
      obj_description(oid) as comment
    from pg_class where oid = 'staging.shop_users'::regclass`;
  assertEquals(kept, {
    relrowsecurity: true,
    keys: 1,
    comment: "Table users of a Postgres database, for pipeline shop.\n\n" +
      "Made by an import, which may give it another shape.",
  });
});

Deno.test("import postgres keeps books without user and password", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(SHOP);
  await test.report();
  await test.report(["--tables", "users"]);

  const books = await test.target.sql`
    select source, array(select jsonb_object_keys(tables)) as tables from landfall.imports order by id`;

  const source = new URL(test.url);
  const name = `127.0.0.1${source.pathname}`;
  assertEquals([...books], [{ source: name, tables: ["orders"] }, {
    source: name,
    tables: ["users"],
  }]);
});

Deno.test("import postgres reads partitions with their table, and any name and schema", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(`
    create schema "Old App";
    create table "Old App"."Events ""1""" (at date, "it's" text) partition by range (at);
    create table "Old App".part partition of "Old App"."Events ""1""" default;
    insert into "Old App"."Events ""1""" values ('2020-02-29', E'a\\\\b')`);

  const report = await test.report(["--schema", "Old App"]);

  assertEquals(Object.keys(report.tables), ['Events "1"']);
  const rows = await test.target.sql.unsafe(`table staging."shop_Events ""1"""`).values();
  assertEquals(rows.map(([, text]) => text), ["a\\b"]);
});

Deno.test("import postgres reads one moment: a table that others write meanwhile", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(`
    create table a (id int, padding text); create table b (id int);
    insert into a select i, repeat('x', 200) from generate_series(1, 20000) as i`);
  await test.target.sql`create table staging.shop_a (id int, padding text)`;
  await test.target.sql`create table staging.shop_b (id int)`;

  // the importer has read the source's catalog when it waits for its turn at the target
  const report = await test.target.sql.begin(async (other) => {
    await other`lock table staging.shop_a in share mode`;
    const importing = test.report();
    while (!(await test.source`select from pg_locks where not granted`).length) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await test.source`insert into a values (0, '')`;
    await test.source`insert into b values (0)`;
    return { importing };
  });

  const { tables } = await report.importing;
  assertEquals([tables.a!.rows, tables.b!.rows], [20000, 0]);
});

Deno.test("import postgres makes a table's indexes again as they were, and leaves those that others hang on", async () => {
  await using test = await postgresSetup();
  const { sql } = test.target;
  await sql.unsafe(`
    create table staging.shop_users (id int, name text, mail text);
    alter table staging.shop_users add constraint users_key primary key (id) include (name);
    alter table staging.shop_users add constraint users_mail unique (mail) deferrable;
    comment on constraint users_mail on staging.shop_users is 'One each';
    create index users_lower on staging.shop_users using btree (lower(name) desc) where id > 1;
    comment on index staging.users_lower is 'For names';
    create index users_told on staging.shop_users ((lower(mail)));
    alter index staging.users_told alter column 1 set statistics 777;
    create view transform.grouped as select id, name from staging.shop_users group by id`);
  const indexes = () =>
    sql`
      select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition,
        pg_get_constraintdef(pg_constraint.oid) as meaning,
        obj_description(indexrelid, 'pg_class') as index_comment,
        obj_description(pg_constraint.oid, 'pg_constraint') as comment,
        (select max(attstattarget) from pg_attribute where attrelid = indexrelid) as statistics
      from pg_index left join pg_constraint on conindid = indexrelid
      where indrelid = 'staging.shop_users'::regclass order by 1`;
  await test.source`create table users (id int, name text, mail text)`;
  await test.source`insert into users values (1, 'Ann', 'a@b.c'), (2, 'Bob', null)`;
  const before = [...await indexes()];

  const { tables } = await test.report();

  assertEquals([tables.users!.rows, [...await indexes()]], [2, before]);
  await test.source`insert into users values (3, 'Cy', 'a@b.c')`;
  const refused = await test.run();
  assertEquals([refused.code, (await indexes()).length], [2, 4]);
  assertMatch(refused.stderr, /constraint users_mail|could not create unique index "users_mail"/);
  assertEquals(refused.stderr.includes("a@b.c"), false);
});

Deno.test("import postgres fills a partitioned table once, and empties no table that it does not fill (LF011)", async () => {
  await using test = await postgresSetup();
  const { sql } = test.target;
  await sql.unsafe(`
    create table staging.shop_events (id int) partition by range (id);
    create table staging.shop_events_1 partition of staging.shop_events for values from (0) to (9);
    create index on staging.shop_events (id)`);
  await test.source.unsafe(`
    create table events (id int) partition by range (id);
    create table events_1 partition of events for values from (0) to (9);
    insert into events values (1), (2)`);
  assertEquals((await test.report()).tables.events!.rows, 2);
  assertEquals((await test.rows("shop_events")).length, 2);
  const invalid = await sql`select from pg_index where not indisvalid`;
  assertEquals(invalid.length, 0);

  await sql.unsafe(`
    create table staging.shop_users (id int primary key);
    create table staging.shop_orders (user_id int references staging.shop_users on delete cascade);
    insert into staging.shop_users values (1);
    insert into staging.shop_orders values (1)`);
  await test.source`create table users (id int)`;
  const refused = await test.run(["--tables", "users"]);
  assertMatch(
    refused.stderr,
    /^error LF011: Cannot empty staging.shop_users alone: staging.shop_orders refers to it\n/,
  );
  assertEquals(await test.rows("shop_orders"), [["1"]]);
});
