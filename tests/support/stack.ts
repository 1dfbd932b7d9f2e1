import { type Api as StackApi, startApi as startStackApi } from "../../scripts/stack/api.ts";
import { type Keys, newKeys } from "../../scripts/stack/keys.ts";
import { freePort } from "../../scripts/stack/port.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import type { TestDatabase } from "./database.ts";

/** PostgREST, the edge functions and the gateway on a test's database. */
export interface TestApi extends StackApi {
  readonly keys: Keys;
  /** Waits until the edge functions have logged an event, and returns what they say of it. */
  logged(event: string): Promise<Record<string, unknown>[]>;
  /** Everything that the edge functions have logged so far. */
  log(): Promise<string>;
}

/**
 * Starts the API on a test's database, for tests that need HTTP; takes about 0.3 s.
 *
 * @param secrets More environment for the edge functions.
 */
export async function startApi(
  database: TestDatabase,
  secrets: Readonly<Record<string, string>> = {},
): Promise<TestApi> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder());
  const keys = newKeys();
  const api = starting.use(
    await startStackApi({
      databaseUrl: database.url,
      authenticatorUrl: database.authenticatorUrl,
      keys,
      port: freePort(),
      folder: folder.path,
      secrets,
    }),
  );
  const running = starting.move();
  const logFile = `${folder.path}/functions.log`;
  return {
    ...api,
    keys,
    logged: (event) => logged(logFile, event),
    log: () => Deno.readTextFile(logFile),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The log is written a moment after the reply. */
async function logged(path: string, event: string): Promise<Record<string, unknown>[]> {
  for (let tries = 0; tries < 100; tries++) {
    const lines = (await Deno.readTextFile(path)).split("\n");
    const found = lines
      .slice(0, -1)
      .flatMap((line) => line.startsWith("{") ? [JSON.parse(line)] : [])
      .filter((line) => line.event === event);
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The functions have not logged ${event}`);
}
