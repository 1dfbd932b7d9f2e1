import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type postgres from "postgres";
import { createDatabase } from "../support/database.ts";
import { aPipeline } from "../support/builders.ts";
import { migrate } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";

const CLOSED = ["landfall", "staging", "transform"];
const OUTSIDERS = ["anon", "authenticated"] as const;

Deno.test("nobody but service_role has a right to anything in the three schemas", async () => {
  await using database = await migrated();

  const rights = await database.sql`
    with roles (role) as (values ('anon'), ('authenticated'), ('authenticator'))
    select role, 'schema ' || nspname as object
    from pg_namespace cross join roles
    where nspname = any (${CLOSED}) and has_schema_privilege(role, oid, 'usage, create')

    union all
    select role, oid::regclass::text
    from pg_class cross join roles
    where relnamespace::regnamespace::text = any (${CLOSED})
      and relkind in ('r', 'p', 'v', 'm', 'f')
      and (
        has_table_privilege(role, oid, 'select, insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege(role, oid, 'select, insert, update, references')
      )

    union all
    select role, oid::regclass::text
    from pg_class cross join roles
    where relnamespace::regnamespace::text = any (${CLOSED})
      and relkind = 'S' and has_sequence_privilege(role, oid, 'usage, select, update')

    union all
    select role, oid::regprocedure::text
    from pg_proc cross join roles
    where pronamespace::regnamespace::text = any (${CLOSED})
      and has_function_privilege(role, oid, 'execute')`;

  assertEquals([...rights], []);
});

Deno.test("nothing in the three schemas is granted to everybody", async () => {
  await using database = await migrated();

  const grants = await database.sql`
    select object, privilege_type
    from (
      select nspname::text as object, coalesce(nspacl, acldefault('n', nspowner)) as acl
      from pg_namespace where nspname = any (${CLOSED})
      union all
      select oid::regclass::text, coalesce(relacl, acldefault('r', relowner))
      from pg_class where relnamespace::regnamespace::text = any (${CLOSED})
      union all
      select oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
      from pg_proc where pronamespace::regnamespace::text = any (${CLOSED})
    ) as objects
    cross join lateral aclexplode(acl)
    where grantee = 0`;

  assertEquals([...grants], []);
});

Deno.test("anon and authenticated are turned away by every table, view and function", async () => {
  await using database = await migrated();
  const relations = await database.sql`
    select oid::regclass::text as name, relkind = 'r' as is_table
    from pg_class
    where relnamespace::regnamespace::text = any (${CLOSED}) and relkind in ('r', 'v')`;
  const functions = await database.sql`
    select
      oid::regproc::text as name,
      array(select format('null::%s', format_type(type, null)) from unnest(proargtypes) as type)
        as arguments
    from pg_proc
    where pronamespace::regnamespace::text = any (${CLOSED}) and prorettype <> 'trigger'::regtype`;
  const attempts = [
    ...relations.map(({ name }) => `select * from ${name}`),
    ...relations.filter(({ is_table }) => is_table).flatMap(({ name }) => [
      `insert into ${name} default values`,
      `update ${name} set entity_id = 1 where false`,
      `delete from ${name} where false`,
      `truncate ${name}`,
    ]),
    ...functions.map(({ name, arguments: given }) => `select ${name}(${given.join(", ")})`),
    "create table landfall.mine ()",
    "create view transform.mine as select 1",
    "create table staging.mine ()",
  ];
  assert(attempts.length > 150, `${attempts.length} attempts`);

  for (const role of OUTSIDERS) {
    for (const attempt of attempts) {
      const { code } = await refusal(database.as(role).unsafe(attempt), `${role}: ${attempt}`);
      assertEquals(code, "42501", `${role}: ${attempt}`);
    }
  }
});

Deno.test("service_role may do all that the doors and the importer do", async () => {
  await using database = await migrated();
  const engine = database.as("service_role");

  await engine`insert into staging.shop_items values ('late', '{"id": 9, "name": "x"}')`;
  const report = await migrate(engine, "shop");
  const [status] = await engine`select landfall.status() is not null as there`;
  await engine`delete from staging.shop_items where key = 'late'`;

  assertEquals([report.state, status!.there], ["completed", true]);
});

Deno.test("service_role may not make or change objects of the engine", async () => {
  await using database = await migrated();
  const engine = database.as("service_role");

  for (
    const attempt of [
      "create table landfall.mine ()",
      "create view transform.mine as select 1 as one",
      "create or replace view transform.shop_items as select 1 as one",
      "drop table landfall.runs",
      "alter table staging.shop_items disable row level security",
      "create or replace function landfall.status(pipeline text) returns jsonb language sql as 'select null::jsonb'",
    ]
  ) {
    assertEquals((await refusal(engine.unsafe(attempt), attempt)).code, "42501", attempt);
  }
});

Deno.test("a view in transform gives its caller no more than the caller has", async () => {
  await using database = await migrated();
  await database.sql`revoke select on staging.shop_items from service_role`;

  const { code } = await refusal(
    database.as("service_role")`select * from transform.shop_items`,
  );

  assertEquals(code, "42501");
});

Deno.test("what the functions that run as their owner do cannot be steered", async () => {
  await using database = await migrated();
  const definers = await database.sql`
    select proname as name from pg_proc
    where pronamespace::regnamespace::text = any (${CLOSED}) and prosecdef order by 1`;
  await hideTables(database.sql);

  const attempts = [
    "select landfall.bind_source('kv', 'public.secrets')",
    "select landfall.bind_source('kv', 'auth.users')",
    "select landfall.bind_source('kv', 'landfall.runs')",
    "select landfall.bind_source('kv', 'public.kv_store_00000001 where true) as x; drop table items; --')",
  ];

  assertEquals(definers.map(({ name }) => name), [
    "analyze_parts",
    "analyze_target",
    "bind_source",
    "check_account",
    "drop_indexes",
    "match_users",
    "put_back_silently",
    "rebuild_item",
    "schedule",
    "schedule_report",
    "unschedule",
  ]);
  const engine = database.as("service_role");
  for (const attempt of attempts) {
    assertEquals((await refusal(engine.unsafe(attempt), attempt)).code, "LF209", attempt);
  }
  for (
    const profiles of ["public.secrets", "(select 1) as p where true; drop table items; --"]
  ) {
    await engine`update landfall.pipelines set profiles = ${profiles} where name = 'jobs'`;
    for (
      const attempt of [
        "select landfall.match_users('jobs')",
        "select landfall.check_account('jobs', gen_random_uuid())",
      ]
    ) {
      assertEquals((await refusal(engine.unsafe(attempt), attempt)).code, "LF106", attempt);
    }
  }
});

Deno.test("start_run() refuses a caller from whom row level security hides rows (LF210)", async () => {
  await using database = await migrated();
  await database.sql.unsafe(`
    alter table items enable row level security;
    grant usage on schema landfall, staging, transform to authenticated;
    grant select, insert, update, delete on all tables in schema landfall, staging, transform, public
      to authenticated;
    grant execute on all functions in schema landfall to authenticated;
    do $$ declare r regclass; begin
      for r in select oid from pg_class
        where relkind = 'r' and relnamespace::regnamespace::text in ('landfall', 'staging') loop
        execute format('create policy all_of_it on %s using (true)', r);
      end loop;
    end $$`);

  const { code, message } = await refusal(
    database.as("authenticated")`select landfall.start_run('shop')`,
  );

  assertEquals(code, "LF210", message);
});

Deno.test("start_run() refuses a caller who may not write the target (LF212)", async () => {
  for (const right of ["insert on items", "usage on sequence items_id_seq"]) {
    await using database = await createDatabase();
    await aPipeline(database.sql, {
      entities: [{ columns: "id serial primary key, name text", give: { id: null } }],
    });
    await database.sql.unsafe(`revoke ${right} from service_role`);

    const { code, detail } = await refusal(
      database.as("service_role")`select landfall.start_run('shop')`,
    );

    assertEquals(code, "LF212");
    assertStringIncludes(detail, right.split(" ")[0]!);
  }
});

/** A database in which a pipeline has run, so that every table has rows. */
async function migrated() {
  const database = await createDatabase();
  await aPipeline(database.sql, {
    entities: [{ rows: [{ id: 1, name: "a" }, { id: 2 }, { id: 3, name: "c" }] }],
  });
  await migrate(database.as("service_role"), "shop");
  return database;
}

/** A table that service_role must not read. */
async function hideTables(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create table public.secrets (key text primary key, value jsonb);
    revoke all on public.secrets from service_role`);
}
