import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { importSetup } from "./import_sqlite.ts";

const APP = `
  create table users (id integer primary key, email text, password_hash text);
  create table jobs (id text primary key, user_id integer, status text);
  create view recent as select * from jobs;
  create virtual table notes using fts5(body);
  insert into users values (1, 'a@b.example', 'secret'), (2, null, 'secret');
  insert into jobs values ('j1', 1, 'done'), ('j2', 9, null);
`;

Deno.test("import sqlite makes a staging table for each table of the file", async () => {
  await using test = await importSetup();
  test.make(APP);

  const { code, stdout } = await test.importSqlite();

  assertEquals(code, 0);
  assertMatch(stdout, /^4 rows of app\.db for pipeline shop in /);
  assertMatch(stdout, /Not imported: notes, .*notes_data.*, recent\./);
  assertEquals(await test.types("shop_users"), {
    id: "bigint",
    email: "text",
    password_hash: "text",
  });
  assertEquals(await test.rows("shop_jobs"), [["j1", "1", "done"], ["j2", "9", null]]);
});

Deno.test("import sqlite closes the tables it makes, and gives them the file's keys", async () => {
  await using test = await importSetup();
  test.make(`${APP} create table pairs (a text, b integer, primary key (b, a)) without rowid`);

  await test.report(0);

  const tables = await test.database.sql`
    select
      relname,
      relrowsecurity,
      has_table_privilege('anon', oid, 'select') as open,
      has_table_privilege('service_role', oid, 'select, insert, update, delete') as served,
      (select pg_get_constraintdef(oid) from pg_constraint where conrelid = pg_class.oid) as key
    from pg_class
    where relnamespace = 'staging'::regnamespace and relname like 'shop_%' and relkind = 'r'
    order by relname`;
  const closed = { relrowsecurity: true, open: false, served: true };
  assertEquals([...tables], [
    { relname: "shop_jobs", ...closed, key: "PRIMARY KEY (id)" },
    { relname: "shop_pairs", ...closed, key: "PRIMARY KEY (b, a)" },
    { relname: "shop_users", ...closed, key: "PRIMARY KEY (id)" },
  ]);
});

Deno.test("import sqlite leaves a primary key away when its values forbid it, and says so", async () => {
  await using test = await importSetup();
  test.make(`
    create table nulls (id text primary key);
    insert into nulls values (null), (null), ('a');
    create table same (id primary key);
    insert into same values (1), ('1');
  `);

  const { tables } = await test.report(0);

  assertEquals(await test.rows("shop_nulls"), [["a"], [null], [null]]);
  assertEquals(await test.rows("shop_same"), [["1"], ["1"]]);
  assertEquals([tables.nulls!.noPrimaryKey, tables.same!.noPrimaryKey], [["id"], ["id"]]);
});

Deno.test("import sqlite fills a pipeline's own tables, and nothing else", async () => {
  await using test = await importSetup();
  test.make(APP);
  await test.database.sql.unsafe(`
    create table staging.shop_users (
      "ID" text primary key, email text, note text default 'none', at int generated always as (1) stored
    );
    insert into staging.shop_users values ('old', 'old')`);

  const { tables, notImported } = await test.report(0);

  assertEquals(await test.rows("shop_users"), [
    ["1", "a@b.example", "none", "1"],
    ["2", null, "none", "1"],
  ]);
  assertEquals(tables.users!.notImported, ["password_hash"]);
  assertEquals(tables.users!.notFilled, ["note"]);
  assertEquals(notImported.includes("jobs"), true);
  assertEquals(await test.types("shop_jobs"), {});
});

Deno.test("import sqlite takes only the tables that --tables names", async () => {
  await using test = await importSetup();
  test.make(APP);

  const { tables } = await test.report(0, "--tables", "JOBS");
  const unknown = await test.importSqlite("--tables", "jobs,orders");
  const view = await test.importSqlite("--tables", "recent");

  assertEquals(Object.keys(tables), ["jobs"]);
  assertEquals(await test.types("shop_users"), {});
  assertEquals([unknown.code, view.code], [2, 2]);
  assertMatch(
    unknown.stderr,
    /^error LF011: .*: it has no table orders\n {2}Its tables are jobs, /,
  );
  assertMatch(view.stderr, /^error LF011: .*: recent is a view or a virtual table\n/);
});

Deno.test("import sqlite replaces what it imported before, and may change its shape", async () => {
  await using test = await importSetup();
  test.make("create table items (id integer primary key, size); insert into items values (1, 5)");
  await test.report(0);
  const bad = "insert into items values (3, 'a' || char(0))";
  test.make(`insert into items values (2, 'large'); ${bad}`);
  await test.report(3);
  test.make("delete from items where id = 3; create table more (a); insert into more values (1)");

  const { left } = await test.report(0);

  assertEquals(await test.rows("shop_items"), [["1", "5"], ["2", "large"]]);
  assertEquals(await test.rows("shop_more"), [["1"]]);
  assertEquals(left, []);
  const [kept] = await test.database.sql`
    select count(*)::int as imports, (select count(*)::int from landfall.left_out) as left_out
    from landfall.imports`;
  assertEquals(kept, { imports: 1, left_out: 0 });
});

Deno.test("import sqlite keeps a table that views read, unless its shape must change (LF011)", async () => {
  await using test = await importSetup();
  test.make("create table items (id integer primary key, size); insert into items values (1, 5)");
  await test.report(0);
  await test.database.sql`create view transform.shop_items as select * from staging.shop_items`;
  test.make("insert into items values (2, 6)");
  await test.report(0);
  test.make("update items set size = 'large' where id = 1");

  const widened = await test.importSqlite();
  test.make("update items set size = 1; alter table items add column colour text");
  const more = await test.importSqlite();

  assertEquals(await test.rows("shop_items"), [["1", "5"], ["2", "6"]]);
  assertEquals([widened.code, more.code], [2, 2]);
  for (const { stderr } of [widened, more]) {
    assertMatch(
      stderr,
      /^error LF011: Cannot import table items: .* views read staging\.shop_items/,
    );
    assertStringIncludes(stderr, "The views are transform.shop_items.");
  }
});

Deno.test("import sqlite takes any name that Postgres can hold, and refuses others (LF011)", async () => {
  await using test = await importSetup();
  const names = ["select", 'the "best"', "Ünïcode 表", "a.b'c", "--"];
  for (const name of names) {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    test.make(`create table ${quoted} (${quoted} text, "Case" int, "rowid" int primary key);
      insert into ${quoted} values ('x', 1, 7)`);
  }

  await test.report(0);
  await test.report(0);
  for (const name of names) assertEquals(await test.rows(`shop_${name}`), [["x", "1", "7"]], name);

  test.make(`create table fits (${"ü".repeat(32)} int)`);
  const column = await test.importSqlite("--tables", "fits");
  test.make(`create table ${"t".repeat(59)} (a int)`);
  const table = await test.importSqlite("--tables", "t".repeat(59));
  assertEquals([column.code, table.code], [2, 2]);
  for (const { stderr } of [column, table]) {
    assertMatch(
      stderr,
      /^error LF011: .* is longer than the 63 bytes that Postgres keeps of a name/,
    );
  }
});

Deno.test("import sqlite keeps and shows what it leaves out, without values", async () => {
  await using test = await importSetup();
  test.make(`
    create table words (word text primary key, n) without rowid;
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 5000)
    insert into words select 'word ' || n, iif(n % 2, 'se' || char(0) || 'cret', n) from numbers;
  `);

  const { code, stdout } = await test.importSqlite();

  assertEquals(code, 3);
  assertMatch(stdout, /words +staging\.shop_words +2,500 +2,500\n/);
  assertMatch(stdout, /\nwords +"word 1" +n +a text with a NUL character\n/);
  assertStringIncludes(
    stdout,
    "Mixed values in words.n, a text column: 2,500 integer, 2,500 text.",
  );
  assertEquals(stdout.includes("cret"), false);
  const [kept] = await test.database.sql`
    select source, count(*)::int, count(distinct row_id)::int as rows, tables -> 'words' ->> 'leftOut' as n
    from landfall.imports
    join landfall.left_out on left_out.import_id = imports.id
    group by imports.id`;
  assertEquals(kept, { source: "app.db", count: 2500, rows: 2500, n: "2500" });
});

Deno.test("import sqlite prints its report with --json", async () => {
  await using test = await importSetup();
  test.make(
    "create table items (id integer primary key, name text); insert into items values (1, '')",
  );

  const { durationMs, ...report } = await test.report(0);

  assertEquals(durationMs > 0, true);
  assertEquals(report, {
    pipeline: "shop",
    file: "app.db",
    withWal: false,
    tables: {
      items: {
        staging: "staging.shop_items",
        made: true,
        rows: 1,
        leftOut: 0,
        notImported: [],
        notFilled: [],
        mixed: {},
        noPrimaryKey: [],
      },
    },
    notImported: [],
    left: [],
    leftOut: 0,
    first: [],
  });
});
