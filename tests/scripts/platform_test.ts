import { assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import { authUsers } from "../support/auth_users.ts";
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

Deno.test("platform.sql lets an address have one user, and any number of SSO", async () => {
  await using database = await createDatabase();
  const people = authUsers(database.sql);
  await people.signUp("a@example.com");

  await assertRejects(
    () => people.createUser("A@example.com"),
    PostgresError,
    "users_email_partial_key",
  );
  await people.signInBySso("a@example.com");
  await people.signInBySso("a@example.com");

  const [users] = await database.sql`
    select count(*)::int as count from auth.users where email = 'a@example.com'`;
  assertEquals(users, { count: 3 });
});

Deno.test("platform.sql gives the address of a deleted user to the next who signs up", async () => {
  await using database = await createDatabase();
  const people = authUsers(database.sql);
  await people.softDelete(await people.createUser("a@example.com"));

  const id = await people.signUp("a@example.com");

  const users = await database.sql`
    select users.id
    from auth.users
    join auth.identities on identities.user_id = users.id
    where users.email = 'a@example.com' or identities.email = 'a@example.com'`;
  assertEquals([...users], [{ id }]);
});

Deno.test("platform.sql has a user confirmed when the address is", async () => {
  await using database = await createDatabase();
  const people = authUsers(database.sql);
  await people.signUp("new@example.com");
  await people.confirm(await people.signUp("confirmed@example.com"));
  await people.createUser("given@example.com");

  const users = await database.sql`
    select email, confirmed_at = email_confirmed_at as confirmed
    from auth.users
    order by created_at`;

  assertEquals([...users], [
    { email: "new@example.com", confirmed: null },
    { email: "confirmed@example.com", confirmed: true },
    { email: "given@example.com", confirmed: true },
  ]);
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
