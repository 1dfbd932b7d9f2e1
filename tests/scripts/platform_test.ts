import { assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import { createDatabase } from "../support/database.ts";

const { PostgresError } = postgres;

Deno.test("platform.sql gives postgres what the platform gives, and no more", async () => {
  await using database = await createDatabase();

  const [postgres] = await database.sql`
    select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication
    from pg_catalog.pg_roles
    where rolname = current_user`;

  assertEquals(postgres, {
    rolsuper: false,
    rolcreatedb: true,
    rolcreaterole: true,
    rolbypassrls: true,
    rolreplication: true,
  });
  await assertRejects(
    () => database.sql`create table auth.mine ()`,
    PostgresError,
    "permission denied for schema auth",
  );
  await database.sql`create extension citext with schema extensions`;
});

Deno.test("platform.sql has auth.users as the platform has it", async () => {
  await using database = await createDatabase();
  const addUser = (email: string) =>
    database.sql`
      insert into auth.users (id, email, email_confirmed_at)
      values (gen_random_uuid(), ${email}, '2026-01-01Z')
      returning confirmed_at, is_sso_user`;

  const [user] = await addUser("a@example.com");

  assertEquals(user, { confirmed_at: new Date("2026-01-01Z"), is_sso_user: false });
  await assertRejects(() => addUser("a@example.com"), PostgresError, "users_email_partial_key");
});

Deno.test("platform.sql gives new tables in public to the API's roles, and no others", async () => {
  await using database = await createDatabase();
  await database.sql.unsafe(`
    create table public.open ();
    create schema closed;
    create table closed.closed ();
  `);

  const [granted] = await database.sql`
    select
      has_table_privilege('anon', 'public.open', 'insert') as public,
      has_schema_privilege('anon', 'closed', 'usage') as other`;

  assertEquals(granted, { public: true, other: false });
});

Deno.test("platform.sql lets auth.uid() read the caller's claims", async () => {
  await using database = await createDatabase();
  const id = crypto.randomUUID();
  const claims = JSON.stringify({ sub: id, role: "authenticated", email: "a@example.com" });

  const [caller] = await database.as("authenticated").begin(async (sql) => {
    await sql`select set_config('request.jwt.claims', ${claims}, true)`;
    return await sql`select auth.uid() as uid, auth.role() as role, auth.email() as email`;
  });

  assertEquals(caller, { uid: id, role: "authenticated", email: "a@example.com" });
});
