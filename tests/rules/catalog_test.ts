import { assert, assertEquals } from "@std/assert";
import { createDatabase } from "../support/database.ts";

/** What must run with its owner's rights, each with the reason in its migration. */
const DEFINERS = ["analyze_target", "bind_source"];

Deno.test("every function of the engine has a comment, a search path and a volatility of its own", async () => {
  await using database = await createDatabase();

  const functions = await database.sql`
    select
      proname as name,
      obj_description(oid, 'pg_proc') as comment,
      coalesce('search_path=""' = any (proconfig), false) as pinned,
      prosecdef as definer
    from pg_proc
    where pronamespace = 'landfall'::regnamespace
    order by proname`;

  assert(functions.length > 50);
  for (const { name, comment, pinned } of functions) {
    assert(comment, `landfall.${name} has no comment`);
    assert(pinned, `landfall.${name} has no search path`);
  }
  const names = functions.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size, "a function is overloaded");
  assertEquals(functions.filter(({ definer }) => definer).map(({ name }) => name), DEFINERS);
});

Deno.test("every table of the engine has a comment and row level security, every view its caller's rights", async () => {
  await using database = await createDatabase();

  const relations = await database.sql`
    select
      oid::regclass::text as name,
      relkind = 'v' as is_view,
      relrowsecurity as secured,
      coalesce('security_invoker=true' = any (reloptions), false) as invoker,
      obj_description(oid, 'pg_class') as comment
    from pg_class
    where relnamespace in
          ('landfall'::regnamespace, 'staging'::regnamespace, 'transform'::regnamespace)
      and relkind in ('r', 'p', 'v', 'm', 'f')
    order by 1`;

  assert(relations.length > 20);
  for (const { name, is_view, secured, invoker, comment } of relations) {
    assert(comment, `${name} has no comment`);
    assert(is_view ? invoker : secured, `${name} is not secured`);
  }
});

Deno.test("anon and authenticated have no right to anything of the engine", async () => {
  await using database = await createDatabase();

  const rights = await database.sql`
    with roles (role) as (values ('anon'), ('authenticated')),

    schemas as (
      select oid, nspname
      from pg_namespace
      where nspname in ('landfall', 'staging', 'transform')
    )

    select role, 'schema ' || nspname as has
    from roles, schemas
    where has_schema_privilege(role, schemas.oid, 'usage, create')

    union all
    select role, 'relation ' || pg_class.oid::regclass
    from roles, schemas
    join pg_class on relnamespace = schemas.oid and relkind in ('r', 'p', 'v', 'm', 'f')
    where has_table_privilege(
      role, pg_class.oid, 'select, insert, update, delete, truncate, references, trigger'
    )

    union all
    select role, 'sequence ' || pg_class.oid::regclass
    from roles, schemas
    join pg_class on relnamespace = schemas.oid and relkind = 'S'
    where has_sequence_privilege(role, pg_class.oid, 'usage, select, update')

    union all
    select role, 'function ' || pg_proc.oid::regprocedure
    from roles, schemas
    join pg_proc on pronamespace = schemas.oid
    where has_function_privilege(role, pg_proc.oid, 'execute')`;

  assertEquals([...rights], []);
});

Deno.test("the targets of the pipelines are closed to anon and authenticated until the app opens them", async () => {
  await using database = await createDatabase();

  const open = await database.sql`
    select entities.target, role
    from landfall.entities
    cross join (values ('anon'), ('authenticated')) as roles (role)
    where has_table_privilege(role, entities.target, 'select, insert, update, delete')
      or not (select relrowsecurity from pg_class where oid = entities.target::regclass)`;

  assertEquals([...open], []);
});

Deno.test("every UPDATE and DELETE of the engine has a WHERE, as safeupdate asks in the Data API", async () => {
  await using database = await createDatabase();

  const functions = await database.sql`
    select proname as name, prosrc as source
    from pg_proc
    where pronamespace = 'landfall'::regnamespace`;

  let statements = 0;
  for (const { name, source } of functions) {
    const found = source.matchAll(/(?:^|[\s(])((?:delete from|update) (?:landfall\.|%\d)[^;]*)/g);
    for (const [, statement] of found) {
      statements++;
      assert(/\bwhere\b/.test(statement), `landfall.${name}: ${statement.slice(0, 60)}`);
    }
  }
  assert(statements > 15, `only ${statements} statements were looked at`);
});
