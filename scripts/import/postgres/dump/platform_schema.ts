/** What defaults of columns call, in schemas that a dump of one schema leaves out. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = {
  extensions: [
    "create schema extensions",
    'create extension "uuid-ossp" schema extensions',
    "create extension pgcrypto schema extensions",
    "create extension citext schema extensions",
  ],
  auth: [
    "create schema auth",
    "create function auth.uid() returns uuid language sql as 'select null::uuid'",
    "create function auth.role() returns text language sql as 'select null::text'",
    "create function auth.jwt() returns jsonb language sql as 'select null::jsonb'",
  ],
};

/**
 * Names the statements that make a schema of the Supabase platform, for a statement that failed for
 * the want of it.
 *
 * @param why What Postgres said.
 * @returns None when it failed for another reason.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(platformSchema('schema "auth" does not exist')[0], "create schema auth");
 * assertEquals(platformSchema('schema "app" does not exist'), []);
 * ```
 */
export function platformSchema(why: string): readonly string[] {
  const [, schema = ""] = /^schema "(\w+)" does not exist$/.exec(why) ?? [];
  return Object.hasOwn(SCHEMAS, schema) ? SCHEMAS[schema]! : [];
}
