import { assert, assertEquals } from "@std/assert";
import { createDatabase } from "../support/database.ts";
import { startApi } from "../support/stack.ts";

Deno.test("PostgREST gives nothing of landfall, staging and transform to a publishable key", async () => {
  await using database = await createDatabase();
  await using api = await startApi(database);
  const things = await database.sql`
    select nspname as schema, relname as path, 'GET' as method
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('landfall', 'staging', 'transform') and relkind in ('r', 'p', 'v')

    union all
    select nspname, 'rpc/' || proname, 'POST'
    from pg_proc
    join pg_namespace on pg_namespace.oid = pronamespace
    where nspname in ('landfall', 'staging', 'transform')`;
  assert(things.length > 80);

  for (const { schema, path, method } of things) {
    const response = await fetch(`${api.url}/rest/v1/${path}`, {
      method,
      headers: {
        apikey: api.keys.publishableKey,
        "content-type": "application/json",
        "accept-profile": schema,
        "content-profile": schema,
      },
      ...(method === "POST" ? { body: "{}" } : {}),
    });
    const reply = await response.text();

    assert(response.status >= 400, `${method} ${schema}.${path}: ${response.status} ${reply}`);
  }
});

Deno.test("PostgREST shows staging and transform to nobody, landfall to a secret key", async () => {
  await using database = await createDatabase();
  await using api = await startApi(database);

  const read = async (schema: string, table: string): Promise<number> => {
    const response = await fetch(`${api.url}/rest/v1/${table}`, {
      headers: { apikey: api.keys.secretKey, "accept-profile": schema },
    });
    await response.body?.cancel();
    return response.status;
  };

  assertEquals(await read("landfall", "pipelines"), 200);
  assertEquals(await read("staging", "kv_store"), 406);
  assertEquals(await read("transform", "kv_clients"), 406);
});
