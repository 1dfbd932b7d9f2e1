import { StreamEvent } from "../../supabase/functions/_shared/replies.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { startApi, type TestApi } from "../support/stack.ts";
import { makeStore, type Store } from "./kv_store.ts";

/** A database with a store in it, and the API in front. */
export interface Setup extends AsyncDisposable {
  readonly sql: TestDatabase["sql"];
  readonly database: TestDatabase;
  readonly api: TestApi;
  /** Calls an edge function with the secret key; other headers replace its. */
  call(name: string, body?: unknown, headers?: HeadersInit): Promise<Response>;
  /** Calls an edge function and hears how its work goes, event by event. */
  stream(name: string, body?: unknown): Promise<StreamEvent[]>;
}

/**
 * Starts what a test of the functions needs.
 *
 * @param store What the store holds; null for none.
 * @param secrets More environment for the functions.
 */
export async function setup(
  store: Store | null = {},
  secrets: Readonly<Record<string, string>> = {},
): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  if (store) await makeStore(database.sql, store);
  const api = starting.use(await startApi(database, secrets));
  const running = starting.move();
  const call: Setup["call"] = (name, body = {}, headers = { apikey: api.keys.secretKey }) =>
    fetch(`${api.url}/functions/v1/${name}`, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return {
    sql: database.sql,
    database,
    api,
    call,
    stream: async (name, body) => {
      const accept = "application/x-ndjson";
      const response = await call(name, body, { apikey: api.keys.secretKey, accept });
      const lines = (await response.text()).trimEnd().split("\n");
      return lines.map((line) => StreamEvent.parse(JSON.parse(line)));
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
