import { assertEquals, assertStringIncludes } from "@std/assert";
import type postgres from "postgres";
import { counts, migrate } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { createDatabase } from "../support/database.ts";

Deno.test("bind_source() finds no store (LF207), the one there is, or several (LF208)", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  const engine = database.as("service_role");

  const none = await refusal(engine`select landfall.start_run('kv')`);
  await aStore(sql, "kv_store_0000000a");
  const one = await migrate(engine, "kv");
  await aStore(sql, "kv_store_0000000b");
  const several = await refusal(engine`select landfall.start_run('kv')`);
  const named = await migrate(engine, "kv", { source: "public.kv_store_0000000b" });

  assertEquals([none.code, several.code], ["LF207", "LF208"]);
  assertStringIncludes(several.detail, "public.kv_store_0000000a, public.kv_store_0000000b");
  assertEquals(counts(one, "clients"), { source: 1, inserted: 1 });
  assertEquals(counts(named, "clients"), { source: 1, unchanged: 1 });
});

Deno.test("bind_source() leaves out tables whose name only looks like a store's", async () => {
  await using database = await createDatabase();
  for (
    const name of [
      "kv_store_0000000g",
      "kv_store_00000001_old",
      "my_kv_store_00000001",
      "kv_store_",
    ]
  ) {
    await aStore(database.sql, name);
  }

  const { code } = await refusal(database.as("service_role")`select landfall.start_run('kv')`);

  assertEquals(code, "LF207");
});

Deno.test("bind_source() takes the staging table when a file was imported", async () => {
  await using database = await createDatabase();
  const engine = database.as("service_role");
  await database.sql`insert into staging.kv_store values (${KEY}, ${database.sql.json(CLIENT)})`;

  const imported = await migrate(engine, "kv");
  await aStore(database.sql, "kv_store_0000000a");
  const { code } = await refusal(engine`select landfall.start_run('kv')`);
  const named = await migrate(engine, "kv", { source: "staging.kv_store" });

  assertEquals(counts(imported, "clients"), { source: 1, inserted: 1 });
  assertEquals(code, "LF208");
  assertEquals(counts(named, "clients"), { source: 1, unchanged: 1 });
});

Deno.test("bind_source() says why a named source cannot be read (LF209)", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  await aStore(sql, "kv_store_0000000a");
  await sql.unsafe(`
    create table public.closed (key text primary key, value jsonb);
    revoke all on public.closed from service_role;
    create table public.other (id int, name text);
    create schema app;
    create table app.kv_store_0000000a (key text primary key, value jsonb)`);

  for (
    const source of [
      "public.nothing",
      "nothing",
      "",
      "public.closed",
      "public.other",
      "app.kv_store_0000000a",
      "pg_catalog.pg_class",
      "landfall.runs",
      "a.b.c.d",
      'public."',
      "public.kv_store_0000000a; drop table clients",
    ]
  ) {
    const options = sql.json({ source });
    const { code } = await refusal(
      database.as("service_role")`select landfall.start_run('kv', ${options})`,
      source,
    );
    assertEquals(code, "LF209", source);
  }
});

Deno.test("bind_source() reads a store whose columns differ from the usual", async () => {
  const stores = {
    "another collation": 'key text collate "C" primary key, value jsonb not null',
    "varchar keys": "key varchar(200) primary key, value jsonb not null",
    "json values": "key text primary key, value json not null",
    "text values": "key text primary key, value text not null",
    "more columns, in another order":
      "value jsonb, at timestamptz default now(), key text primary key",
  };

  for (const [name, columns] of Object.entries(stores)) {
    await using database = await createDatabase();
    await aStore(database.sql, "kv_store_0000000a", columns);
    const engine = database.as("service_role");

    const report = await migrate(engine, "kv").catch((error) => error);

    assertEquals(report.entities?.[0].inserted, 1, `${name}: ${report.message} ${report.detail}`);
  }
});

Deno.test("bind_source() reads a store with a name that needs quotes, and a view", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  await aStore(sql, 'My "store"');
  await sql`create view seen with (security_invoker = true) as select * from "My ""store"""`;

  for (const source of ['public."My ""store"""', "public.seen"]) {
    const report = await migrate(database.as("service_role"), "kv", { source });
    assertEquals(counts(report, "clients").source, 1, source);
  }
});

Deno.test("bind_source() is refused where a pipeline reads its own tables (LF203)", async () => {
  await using database = await createDatabase();
  await database.sql`select landfall.define_pipeline('shop', 'A pipeline of a test')`;

  const { code } = await refusal(
    database.as("service_role")`select landfall.start_run('shop', '{"source": "public.a"}')`,
  );

  assertEquals(code, "LF203");
});

Deno.test("a run reads the store that it was started with, whatever else is started", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  const engine = database.as("service_role");
  await aStore(sql, "kv_store_0000000a");
  await engine`select landfall.start_run('kv')`;
  await aStore(sql, "kv_store_0000000b");

  for (const call of ["start_run", "dry_run"]) {
    const { code } = await refusal(
      engine.unsafe(`select landfall.${call}('kv', '{"source": "public.kv_store_0000000b"}')`),
    );
    assertEquals(code, "LF202", call);
  }
  const [view] = await sql`select pg_get_viewdef('transform.kv_source') as sql`;
  assertStringIncludes(view!.sql, "kv_store_0000000a");
});

const KEY = "client:00000000-0000-4000-8000-000000000001";
const CLIENT = { name: "Ada" };

/** A store with one client. */
async function aStore(
  sql: postgres.Sql,
  name: string,
  columns = "key text primary key, value jsonb not null",
): Promise<void> {
  await sql`create table ${sql(name)} (${sql.unsafe(columns)})`;
  const record = sql.json({ key: KEY, value: CLIENT });
  await sql`
    insert into ${sql(name)} (key, value)
    select key, value from jsonb_populate_record(null::${sql(name)}, ${record})`;
}
