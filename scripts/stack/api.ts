import { startFunctions } from "./functions.ts";
import { startGateway } from "./gateway.ts";
import type { Keys } from "./keys.ts";
import { startPostgrest } from "./postgrest.ts";

/** What an API is put in front of. */
export interface ApiOptions {
  /** Connection URLs of the database, as `postgres` and as `authenticator`. */
  readonly databaseUrl: string;
  readonly authenticatorUrl: string;
  readonly keys: Keys;
  readonly port: number;
  /** An existing folder for the logs. */
  readonly folder: string;
  /** More environment for the edge functions, as a project's own secrets are on the platform. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A running API; disposing it ends its parts. */
export interface Api extends AsyncDisposable {
  readonly url: string;
  /** Resolves with the name of the first part that ended by itself. */
  readonly ended: Promise<string>;
}

/** Starts PostgREST, the edge functions and the gateway that joins them under one URL. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { databaseUrl, authenticatorUrl, keys, port, folder, secrets } = options;
  const url = `http://127.0.0.1:${port}`;
  await using starting = new AsyncDisposableStack();
  const rest = starting.use(
    await startPostgrest({ databaseUrl: authenticatorUrl, jwtSecret: keys.jwtSecret, folder }),
  );
  const functions = starting.use(
    await startFunctions({ apiUrl: url, databaseUrl, keys, folder, secrets }),
  );
  starting.use(startGateway({ port, keys, restUrl: rest.url, functionsUrl: functions.url }));
  const running = starting.move();
  return {
    url,
    ended: Promise.race([
      rest.exited.then(() => "PostgREST"),
      functions.exited.then(() => "The process of the edge functions"),
    ]),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
