import postgres from "postgres";
import { type Connections, connectionsTo } from "./connections.ts";

/** A database of its own for one test, as the migrations leave it. */
export interface TestDatabase extends Connections {
  readonly name: string;
  /** A connection URL as `postgres`, the owner, who is no superuser. */
  readonly url: string;
  /** A connection URL as the role that PostgREST logs in with. */
  readonly authenticatorUrl: string;
}

/**
 * Makes a database for a test by copying the template, which takes about 50 ms.
 *
 * Disposing it closes all connections, also those a test left open, and drops it.
 *
 * @example A test with a database
 * ```ts ignore
 * Deno.test("start_run() plans batches", async () => {
 *   await using database = await createDatabase();
 *   const { sql } = database;
 *
 *   const [run] = await sql`select landfall.start_run('kv', '{}')`;
 * });
 * ```
 */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await administer(`create database ${name} template postgres owner postgres strategy file_copy`);

  const url = serverUrl("postgres", name);
  const connections = connectionsTo(url);
  return {
    ...connections,
    name,
    url,
    authenticatorUrl: serverUrl("authenticator", name),
    async [Symbol.asyncDispose]() {
      await connections[Symbol.asyncDispose]();
      await administer(`drop database ${name} with (force)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const sql = postgres(testServer(), { max: 1 });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

/** The server's URL for another role and database; all roles share one password. */
function serverUrl(role: string, database: string): string {
  const url = new URL(testServer());
  url.username = role;
  url.pathname = `/${database}`;
  return url.href;
}

function testServer(): string {
  const url = Deno.env.get("LANDFALL_TEST_DATABASE");
  if (!url) {
    throw new Error(
      "There is no database to test on: run `deno task test`, which starts one and takes " +
        "the arguments of `deno test`",
    );
  }
  return url;
}
