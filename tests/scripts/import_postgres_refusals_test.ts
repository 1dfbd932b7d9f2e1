import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connectionsTo } from "../support/connections.ts";
import { smallDisk } from "../support/small_disk.ts";
import { type PostgresSetup, postgresSetup, withDatabase } from "./import_postgres.ts";
import { interruptScript, runScript } from "./run_script.ts";

async function setup(): Promise<PostgresSetup> {
  const test = await postgresSetup();
  await test.source`create table users (id int, note text)`;
  await test.source`create table orders (id int)`;
  return test;
}

/** A role of the source's server with a password that is hard to write in a URL. */
const PASSWORD = "p@/:#?%secret";

async function asReader(test: PostgresSetup, name: string): Promise<string> {
  await test.source.unsafe(`create role ${name} login password '${PASSWORD}'`);
  const url = new URL(test.url);
  url.username = name;
  url.password = encodeURIComponent(PASSWORD);
  return url.href;
}

Deno.test("import postgres says why a source cannot be read, without a password (LF005, LF006)", async () => {
  await using test = await setup();
  const name = `reader_${test.target.name}`;
  const reader = await asReader(test, name);
  const port = new URL(test.url).port;
  const refusals: [url: string, code: number, says: RegExp][] = [
    [
      "postgresql://u:secret@127.0.0.1:1/app",
      1,
      /^error LF005: Cannot read 127\.0\.0\.1\/app: it can/,
    ],
    ["postgres://u:secret@no-such-host.invalid/app", 1, /^error LF005: .* it cannot be reached\n/],
    [`${reader}?sslmode=require`, 1, /^error LF005: .*it cannot be reached/],
    [reader.replace("%3F", "%3Fx"), 1, /^error LF006: .* it refuses this user or password\n/],
    [withDatabase(test.url, "no_such"), 1, /^error LF006: .* there is no such database\n/],
    [reader, 1, /^error LF006: .* this user may not read it in table orders\n.*42501/],
    [`postgresql://u:p/secret@127.0.0.1:${port}/app`, 2, /^error LF008: .* cannot be understood\n/],
    [`postgresql://u:1/secret@127.0.0.1:${port}/app`, 2, /^error LF008: .* cannot be understood\n/],
    [`postgresql://u:1#secret@127.0.0.1:${port}/app`, 2, /^error LF008: .* cannot be understood\n/],
    [`postgresql://u:1?secret@127.0.0.1:${port}/app`, 2, /^error LF008: .* cannot be understood\n/],
    [`postgresql://u:%zsecret@127.0.0.1:${port}/app`, 2, /^error LF008: .* cannot be understood\n/],
    [`${reader}?sslmode=maybe`, 2, /^error LF008: .* an sslmode that is none\n/],
    ["mysql://u:secret@127.0.0.1/app", 2, /^error LF008: .* is not one of Postgres\n/],
    ["host=127.0.0.1 password=secret dbname=app", 2, /^error LF008: .* neither a URL nor a dump\n/],
    ["/no/such/file.dump", 2, /^error LF011: Cannot read file\.dump: there is no such file\n/],
    [test.folder, 2, /^error LF011: .* it is a folder without a dump\n/],
  ];

  await Promise.all(refusals.map(async ([url, code, says]) => {
    const ended = await test.run(["--json"], url);
    assertMatch(ended.stderr, says);
    assertEquals(ended.code, code, ended.stderr);
    assert(!`${ended.stdout}${ended.stderr}`.includes("secret"), ended.stderr);
  }));
  await test.source.unsafe(`grant select on users, orders to ${name}`);
  assertEquals((await test.report([], reader)).tables.users!.rows, 0);
  await test.source.unsafe(`revoke all on users, orders from ${name}; drop role ${name}`);
});

Deno.test("import postgres lets row level security hide nothing (LF006)", async () => {
  await using test = await setup();
  const name = `policed_${test.target.name}`;
  const reader = await asReader(test, name);
  await test.source.unsafe(`grant select on users, orders to ${name}`);
  await test.source`alter table users enable row level security`;

  const { code, stderr } = await test.run([], reader);
  await test.source.unsafe(`revoke all on users, orders from ${name}; drop role ${name}`);

  assertEquals(code, 1);
  assertMatch(stderr, /^error LF006: .* row level security would hide rows in table users\n/);
  assertStringIncludes(stderr, "bypassrls");
});

Deno.test("import postgres lists what there is when something is not there (LF011)", async () => {
  await using test = await setup();
  const refusals: [flags: string[], says: RegExp][] = [
    [["--tables", "userz"], /it has no table userz\n {2}Schema public has orders, users\.\n/],
    [["--schema", "app"], /schema app has no tables\n {2}Schemas with tables: public\.\n/],
  ];
  for (const [flags, says] of refusals) assertMatch((await test.run(flags)).stderr, says);

  await test.target.sql`create table staging.shop_carts (id int)`;
  const lacking = await test.run();
  await test.target.sql`create table staging.shop_users (id int, mail text not null)`;
  const required = await test.run(["--tables", "users"]);
  const itself = await test.run(["--schema", "staging"], test.target.url);

  assertEquals([lacking.code, required.code, itself.code], [2, 2, 2]);
  assertMatch(lacking.stderr, /it has no table carts\n/);
  assertMatch(required.stderr, /lacks columns .+\n {2}Missing: mail\. The source has id, note\.\n/);
  assertMatch(
    itself.stderr,
    /^error LF011: Cannot import schema staging of a database into itself\n/,
  );
});

Deno.test("import postgres says what it cannot understand (LF008)", async () => {
  await using test = await setup();
  const refusals: [args: string[], says: string][] = [
    [["--pipeline", "shop"], "No database and no dump"],
    [["a.sql", "b.sql", "--pipeline", "shop"], "One source is imported at a time"],
    [["a.sql"], "--pipeline names the pipeline"],
    [["a.sql", "--pipeline", "My Shop"], "--pipeline needs the name of a pipeline"],
    [["a.sql", "--pipeline", "shop", "--tables", "a,"], "--tables needs names"],
    [["a.sql", "--pipeline", "shop", "--tables", "a", "--tables", "b"], "--tables is given twice"],
    [["a.sql", "--pipeline", "shop", "--where", "a:b", "--where", "a:c"], "twice for a"],
    [["a.sql", "--pipeline", "shop", "--fast"], "Unknown flag --fast"],
  ];

  await Promise.all(refusals.map(async ([args, says]) => {
    const ended = await runScript("import.ts", ["postgres", ...args], {
      SUPABASE_DB_URL: test.target.url,
    });
    assertEquals(ended.code, 2);
    assertMatch(ended.stderr, /^error LF008: .*\n {2}Usage: deno task import postgres /);
    assertStringIncludes(ended.stderr, says);
  }));
});

Deno.test("import postgres waits for nobody's run (LF202)", async () => {
  await using test = await setup();
  const { sql } = test.target;
  await test.report();
  await sql`select landfall.define_pipeline('shop', 'The shop')`;
  await sql`insert into landfall.runs (id, pipeline, state, started_at)
    values (1, 'shop', 'running', now())`;
  const dump = await test.file("app.sql", "create table users (id int);\n");

  const live = await test.run();
  const dumped = await test.run([], dump);

  assertEquals([live.code, dumped.code], [2, 2]);
  assertMatch(live.stderr, /^error LF202: Run 1 of pipeline shop is running\n/);
  assertMatch(dumped.stderr, /^error LF202: Run 1 of pipeline shop is running\n/);
});

Deno.test("import postgres lets one import at a time into a pipeline's tables (LF202)", async () => {
  await using test = await setup();
  await test.source.unsafe(`create function slow() returns int language plpgsql as
    $$ begin perform pg_sleep(20); return 1; end $$`);
  await test.source`insert into users values (1, 'kept')`;
  const importing = test.run(["--tables", "users", "--where", "users:id = public.slow()"]);
  const reading = () =>
    test.source`
      select pid from pg_stat_activity
      where datname = current_database() and query like 'copy (%' and state = 'active'`;
  while ((await reading()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));

  const second = await test.run();
  for (const { pid } of await reading()) {
    await test.source`select pg_terminate_backend(${pid}::int)`;
  }
  await importing;
  const third = await test.report(["--tables", "users"]);

  assertEquals(second.code, 2);
  assertMatch(second.stderr, /^error LF202: Another import for pipeline shop is under way\n/);
  assertEquals(third.tables.users!.rows, 1);
});

Deno.test("import postgres changes nothing when the source is lost in the middle (LF005)", async () => {
  await using test = await setup();
  const { sql } = test.target;
  await sql`create table staging.shop_users (id int, note text)`;
  await sql`insert into staging.shop_users values (9, 'kept')`;
  await test.source.unsafe(`
    create view slow as select id, repeat('x', 2000) as note, pg_sleep(id / 1000000)::text from
      generate_series(1, 1000100) as id;
    create view users_slow as select id, note from slow`);
  await test.source`drop table users`;
  await test.source`alter view users_slow rename to users`;
  const copying = async () => {
    const [row] = await test.source`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'copy (%' and state = 'active'
        and now() - query_start > interval '200 ms'`;
    return row !== undefined;
  };

  const importing = test.run();
  while (!await copying()) await new Promise((resolve) => setTimeout(resolve, 20));
  const lost = await importing;
  const interrupted = await interruptScript(
    "import.ts",
    ["postgres", test.url, "--pipeline", "shop"],
    { SUPABASE_DB_URL: test.target.url },
    async () =>
      (await sql`select from pg_stat_progress_copy where datname = current_database()`).length > 0,
  );

  assertEquals(lost.code, 1, lost.stderr);
  assertMatch(lost.stderr, /^error LF005: .* the connection was lost\n/);
  assertEquals(interrupted.code, 130);
  assertEquals(interrupted.stderr, "Interrupted: nothing was changed.\n");
  assertEquals(await test.rows("shop_users"), [["9", "kept"]]);
});

Deno.test("import postgres ends its query at the source when the target refuses a row (LF011)", async () => {
  await using test = await setup();
  await test.source`drop table users`;
  await test.source`
    create view users as
    select n as id, repeat('x', 100000) as note
    from generate_series(1, 100) as n
    -- it sends nothing for a while, and does not see that nobody listens
    where pg_sleep(case when n > 30 then 2 else 0 end) is not null`;
  await test.target.sql`create table staging.shop_users (id int check (id <> 5), note text)`;

  const { code, stderr } = await test.run();
  const left = await test.source`
    select query from pg_stat_activity
    where datname = current_database() and query like 'copy (%' and state = 'active'`;

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: Cannot import into staging\.shop_users: it refuses a row\n/);
  assertEquals([...left], []);
});

Deno.test("import postgres says that the target's disk is full (LF005)", async () => {
  await using disk = await smallDisk("2m");
  if (!disk) {
    console.log("Skipped: only root on Linux can mount a small disk");
    return;
  }
  await using test = await setup();
  await test.source`insert into users select i, md5(i::text) from generate_series(1, 60000) as i`;
  const admin = connectionsTo(
    withDatabase(Deno.env.get("LANDFALL_TEST_DATABASE")!, test.target.name),
  );
  const space = `small_${test.target.name}`;
  await admin.sql.unsafe(`create tablespace ${space} location '${disk.path}'`);
  await admin.sql.unsafe(`grant create on tablespace ${space} to postgres`);
  await test.target.sql.unsafe(
    `create table staging.shop_users (id int, note text) tablespace ${space}`,
  );

  const { code, stderr } = await test.run();
  await test.target.sql`drop table staging.shop_users`;
  await admin.sql.unsafe(`drop tablespace ${space}`);
  await admin[Symbol.asyncDispose]();

  assertEquals(code, 1);
  assertMatch(stderr, /^error LF005: The database is out of space, memory or connections\n.*53100/);
});

Deno.test("import postgres needs pg_restore for other dumps than plain ones (LF006)", async () => {
  await using test = await setup();
  const dump = await test.file("app.dump", "PGDMP\x01\x0e");
  const env = { SUPABASE_DB_URL: test.target.url, PG_RESTORE: "/no/such/pg_restore" };

  const ended = await runScript("import.ts", ["postgres", dump, "--pipeline", "shop"], env);

  assertEquals(ended.code, 1);
  assertMatch(ended.stderr, /^error LF006: There is no \/no\/such\/pg_restore to read the dump/);
});

Deno.test("import postgres that is interrupted in its commit does not say that nothing was changed", async () => {
  await using test = await setup();
  const { sql } = test.target;
  await test.source`insert into users values (1, 'a')`;
  await sql.unsafe(`
    create table staging.shop_users (id int, note text);
    create function public.linger() returns trigger language plpgsql as $$
    begin perform pg_sleep(2); return null; end $$;
    create constraint trigger linger after insert on staging.shop_users
      deferrable initially deferred for each row execute function public.linger()`);

  const { code, stderr } = await interruptScript(
    "import.ts",
    ["postgres", test.url, "--pipeline", "shop"],
    { SUPABASE_DB_URL: test.target.url },
    async () =>
      (await sql`
        select from pg_stat_activity
        where datname = current_database() and query ilike 'commit%' and state = 'active'`)
        .length > 0,
  );

  assertEquals(code, 130);
  assertEquals(
    stderr,
    "Interrupted at the very end: landfall.imports tells whether the rows are there.\n",
  );
});
