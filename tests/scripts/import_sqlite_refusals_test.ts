import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { importSetup } from "./import_sqlite.ts";
import { runScript } from "./run_script.ts";

const APP = `
  create table users (id integer primary key, email text, password_hash text);
  create table jobs (id text primary key, user_id integer, status text);
  insert into users values (1, 'a@b.example', 'secret'), (2, null, 'secret');
`;

Deno.test("import sqlite refuses a file that does not fit the pipeline's tables (LF011)", async () => {
  await using test = await importSetup();
  test.make(APP);
  const misfits: [columns: string, says: string][] = [
    ["id text, mail text not null", "Missing: mail. The file has id, email, password_hash."],
    ["mail text", "Missing: mail."],
    ["id text, email point", "email is of type point"],
    ['"ID" text, "Id" text', "its column id could go to several columns"],
  ];

  for (const [columns, says] of misfits) {
    await test.database.sql.unsafe(`create table staging.shop_users (${columns})`);
    const { code, stderr } = await test.importSqlite();
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /^error LF011: /);
    assertStringIncludes(stderr, says);
    await test.database.sql`drop table staging.shop_users`;
  }
  const { sql } = test.database;
  await sql`create table staging."shop_Users" (id text)`;
  await sql`create table staging."shop_USERS" (id text)`;
  const ambiguous = await test.importSqlite();
  assertStringIncludes(ambiguous.stderr, "it could go to staging.shop_USERS or staging.shop_Users");
  await sql`drop table staging."shop_USERS"`;
  await sql`create table staging.shop_orders (id text)`;
  const lacking = await test.importSqlite();
  assertStringIncludes(
    lacking.stderr,
    "There is staging.shop_orders; the file has the tables jobs",
  );
});

Deno.test("import sqlite names table and key of rows that are there twice (LF011)", async () => {
  await using test = await importSetup();
  test.make(
    "create table users (id text, mail); insert into users values ('u1', 'same'), ('u2', 1)",
  );
  await test.database.sql`create table staging.shop_users (id text, mail text unique)`;
  await test.report(0);
  // in the last rows: COPY then fails when it ends
  test.make("insert into users values ('u3', 'same')");

  const { code, stderr } = await test.importSqlite();
  test.make(`
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 30000)
    insert into users select 'more', 'mail ' || n from numbers`);
  const amidst = await test.importSqlite();

  assertEquals([code, amidst.code], [2, 2]);
  for (const said of [stderr, amidst.stderr]) {
    assertMatch(said, /^error LF011: .* staging\.shop_users: several rows have the same mail\n/);
    assertEquals(said.includes("same)"), false);
  }
  assertEquals(await test.rows("shop_users"), [["u1", "same"], ["u2", "1"]]);
});

Deno.test("import sqlite touches no table of another pipeline (LF011)", async () => {
  await using test = await importSetup();
  await test.database.sql`select landfall.define_pipeline('shop_old', 'Another')`;
  await test.database.sql`create table staging.shop_old_items (id int)`;
  await test.database.sql`insert into staging.shop_old_items values (1)`;
  test.make("create table old_items (id int); insert into old_items values (2)");

  const { code, stderr } = await test.importSqlite();

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: Cannot make staging\.shop_old_items: the name is taken\n/);
  assertEquals(await test.rows("shop_old_items"), [["1"]]);
});

Deno.test("import sqlite waits for nobody's run (LF202)", async () => {
  await using test = await importSetup();
  const { sql } = test.database;
  test.make(APP);
  await test.report(0);
  await sql`select landfall.define_pipeline('shop', 'The shop')`;
  await sql`insert into landfall.runs (id, pipeline, state, started_at)
    values (1, 'shop', 'running', now())`;

  const active = await test.importSqlite();
  await sql`update landfall.runs set state = 'paused' where id = 1`;
  const paused = await test.importSqlite();
  const used = await sql.begin(async (other) => {
    await other`lock table staging.shop_jobs in row exclusive mode`;
    return await test.importSqlite();
  });

  assertEquals([active.code, paused.code, used.code], [2, 0, 2]);
  assertMatch(active.stderr, /^error LF202: Run 1 of pipeline shop is running\n/);
  assertMatch(used.stderr, /^error LF202: A run or another import is using staging\."shop_jobs"\n/);
});

Deno.test("import sqlite says what it cannot understand (LF008)", async () => {
  await using test = await importSetup();
  const refusals: [args: string[], says: string][] = [
    [["--pipeline", "shop"], "No file to import"],
    [["a.db", "b.db", "--pipeline", "shop"], "One file is imported at a time"],
    [["a.db"], "--pipeline names the pipeline"],
    [["a.db", "--pipeline", "My Shop"], "--pipeline needs the name of a pipeline"],
    [["a.db", "--pipeline", "shop", "--tables", "a,"], "--tables needs names"],
    [["a.db", "--pipeline", "shop", "--fast"], "Unknown flag --fast"],
  ];

  for (const [args, says] of refusals) {
    const { code, stderr } = await runScript("import.ts", ["sqlite", ...args], {
      SUPABASE_DB_URL: test.database.url,
    });
    assertEquals(code, 2);
    assertMatch(stderr, /^error LF008: .*\n {2}Usage: deno task import sqlite /);
    assertStringIncludes(stderr, says);
  }
});
