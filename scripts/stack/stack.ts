import { startApi } from "./api.ts";
import { applyMigrations } from "./apply_migrations.ts";
import { lockFolder } from "./folder_lock.ts";
import { type Keys, loadKeys } from "./keys.ts";
import { checkPort, freePort } from "./port.ts";
import { startPostgres } from "./postgres.ts";
import { announceStack, forgetStack, type RunningStack } from "./running_stack.ts";

/** Where a stack keeps its data and where it can be reached. */
export interface StackOptions {
  /** A folder for data, keys and logs; made when missing. */
  readonly folder: string;
  /** The ports on 127.0.0.1; free ones when left out. */
  readonly apiPort?: number;
  readonly databasePort?: number;
  /** Whether to begin with a new database. */
  readonly fresh?: boolean;
  /** Postgres settings that differ, such as `{ fsync: "off" }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** More environment for the edge functions, as a project's own secrets are on the platform. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A running stack; disposing it ends all its processes and keeps its data. */
export interface Stack extends RunningStack, AsyncDisposable {
  readonly keys: Keys;
  /** Resolves with the name of the first part that ended by itself. */
  readonly ended: Promise<string>;
}

/**
 * Starts Postgres, PostgREST, the edge functions and the gateway on a folder. A new database gets
 * the platform's schemas and the project's migrations.
 *
 * @throws {Error} when another stack runs on the folder, when a port is taken, and when a part
 * does not come up.
 *
 * @example A stack that lives for one block
 * ```ts ignore
 * await using stack = await startStack({ folder: ".landfall" });
 * console.log(stack.apiUrl);
 * ```
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, apiPort = freePort(), databasePort, fresh, settings, secrets } = options;
  await Deno.mkdir(folder, { recursive: true });
  await using starting = new AsyncDisposableStack();
  const lock = await lockFolder(folder);
  if (!lock) throw new Error(`A stack is already running on ${folder}`);
  starting.use(lock);
  await forgetStack(folder);
  checkPort(apiPort, "--api-port");

  const keys = await loadKeys(folder);
  const password = keys.databasePassword;
  const server = starting.use(
    await startPostgres({ folder, password, port: databasePort, fresh, settings }),
  );
  await applyMigrations(server.url());
  const api = starting.use(
    await startApi({
      databaseUrl: server.url(),
      authenticatorUrl: server.url("authenticator"),
      keys,
      port: apiPort,
      folder,
      secrets,
    }),
  );
  const { publishableKey, secretKey } = keys;
  const state = {
    pid: Deno.pid,
    apiUrl: api.url,
    databaseUrl: server.url(),
    publishableKey,
    secretKey,
  };
  starting.use(await announceStack(folder, state));

  const running = starting.move();
  return {
    ...state,
    keys,
    ended: Promise.race([server.exited.then(() => "Postgres"), api.ended]),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
