import { assert, assertEquals } from "@std/assert";
import { createDatabase } from "../support/database.ts";
import { unguarded } from "./safe_updates.ts";

const SCHEMAS = ["landfall", "staging", "transform"];

Deno.test("every function has a search path, a comment, and no second one of its name", async () => {
  await using database = await createDatabase();

  const faults = await database.sql`
    select
      oid::regprocedure::text as name,
      coalesce('search_path=""' = any (proconfig), false) as has_search_path,
      obj_description(oid, 'pg_proc') is not null as has_comment,
      count(*) over (partition by pronamespace, proname) as of_this_name
    from pg_proc
    where pronamespace::regnamespace::text = any (${SCHEMAS})`;

  assert(faults.length > 50);
  for (const { name, ...found } of faults) {
    assertEquals(found, { has_search_path: true, has_comment: true, of_this_name: "1" }, name);
  }
});

Deno.test("every table has row level security, and a policy lets users read their own rows at most", async () => {
  await using database = await createDatabase();

  const open = await database.sql`
    select oid::regclass::text as name
    from pg_class
    where relkind in ('r', 'p')
      and relnamespace::regnamespace::text = any (${[...SCHEMAS, "public"]})
      and (not relrowsecurity or exists (
        select from pg_policies
        where (schemaname, tablename) = (relnamespace::regnamespace::text, relname)
          and (schemaname <> 'public' or cmd <> 'SELECT' or roles <> '{authenticated}'
            or qual !~ '^\\((id|user_id) = \\( SELECT auth\\.uid\\(\\)')
      ))`;

  assertEquals([...open], []);
});

Deno.test("the targets of the pipelines are closed, unless a policy says who may read", async () => {
  await using database = await createDatabase();

  const open = await database.sql`
    select target, role
    from landfall.entities
    cross join (values ('anon'), ('authenticated')) as roles (role)
    -- a collection is no table
    left join landfall.collections on collections.entity_id = entities.id
    where case when collections.entity_id is null then
      has_table_privilege(role, target, 'insert, update, delete')
      or has_table_privilege(role, target, 'select')
        and not exists (select from pg_policy where polrelid = target::regclass)
      or not (select relrowsecurity from pg_class where oid = target::regclass)
    end`;

  assertEquals([...open], []);
});

Deno.test("every view reads with the rights of its caller", async () => {
  await using database = await createDatabase();

  const views = await database.sql`
    select oid::regclass::text as name
    from pg_class
    where relkind = 'v' and relnamespace::regnamespace::text = any (${[...SCHEMAS, "public"]})
      and not coalesce('security_invoker=true' = any (reloptions), false)`;

  assertEquals([...views], []);
});

Deno.test("every relation has a comment that begins with a sentence", async () => {
  await using database = await createDatabase();

  const silent = await database.sql`
    select oid::regclass::text as name
    from pg_class
    where relkind in ('r', 'p', 'v')
      and relnamespace::regnamespace::text = any (${[...SCHEMAS, "public"]})
      and coalesce(split_part(obj_description(oid, 'pg_class'), E'\n\n', 1), '') !~ '\\.$'`;

  assertEquals([...silent], []);
});

Deno.test("every foreign key of the engine reaches an index", async () => {
  await using database = await createDatabase();

  const slow = await database.sql`
    select conrelid::regclass::text || ': ' || conname as name
    from pg_constraint
    where contype = 'f' and connamespace::regnamespace::text = any (${[...SCHEMAS, "public"]})
      and not exists (
        select from pg_index
        where indrelid = conrelid
          and (string_to_array(indkey::text, ' ')::smallint[])[1:cardinality(conkey)] @> conkey
      )`;

  assertEquals([...slow], []);
});

Deno.test("every UPDATE and DELETE in a function has a WHERE", async () => {
  await using database = await createDatabase();
  const functions = await database.sql`
    select oid::regprocedure::text as name, prosrc as body
    from pg_proc
    where pronamespace::regnamespace::text = any (${SCHEMAS})`;

  const faults = functions.flatMap(({ name, body }) =>
    unguarded(body).map((statement) => `${name}: ${statement}`)
  );

  assertEquals(faults, []);
  assertEquals(
    functions.filter(({ body }) => /\b(update|delete from)\s/.test(body)).length > 5,
    true,
  );
});

Deno.test("unguarded() finds a statement without a WHERE, wherever it stands", () => {
  const safe = `
    update a set b = 1 where c;
    with d as (delete from e using f where g returning h) select 1;
    insert into i values (1) on conflict (j) do update set k = 1;
    select l from m for update skip locked;
    update n as o set p = (select 1) from q where r`;
  const unsafe = [
    "delete from a",
    "update b set c = (select 1 from d where e)",
    "with f as (update g as h set i = 1 returning j) select 1 where true",
    "execute $sql$ delete from k $sql$ where l",
    "update m set n = 1 -- where o",
  ];

  assertEquals(unguarded(safe), []);
  for (const statement of unsafe) assertEquals(unguarded(statement).length, 1, statement);
});
