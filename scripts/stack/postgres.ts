import { join } from "@std/path";
import postgres from "postgres";
import { Child } from "./child.ts";
import { applyPlatform } from "./apply_platform.ts";
import { ignoreMissing } from "./ignore_missing.ts";
import { initDatabase } from "./init_database.ts";
import { checkPort, freePort } from "./port.ts";
import { postgresBinaries } from "./postgres_binaries.ts";
import { reachableFolder } from "./reachable_folder.ts";
import { endOrphan } from "./end_orphan.ts";
import { unprivilegedUser } from "./unprivileged_user.ts";

/** Where a Postgres keeps its data and what it is to be like. */
export interface PostgresOptions {
  /** An existing folder; the data goes to `data-<major>` in it and is made when missing. */
  readonly folder: string;
  /** The password of every role that may log in. */
  readonly password: string;
  /** The TCP port on 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** Whether to begin with an empty data folder. */
  readonly fresh?: boolean;
  /** Server settings that differ from the stack's, such as `{ fsync: "off" }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The roles that log in; every other role is reached from one of them. */
export type LoginRole = "postgres" | "supabase_admin" | "authenticator";

/** A running Postgres that looks like the platform's; disposing it ends it in good order. */
export interface Postgres extends AsyncDisposable {
  readonly major: number;
  readonly port: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<number>;
  /** A connection URL for a role, by default `postgres` and its database. */
  url(role?: LoginRole, database?: string): string;
}

/** What suits a migration on a laptop; the rest is as Postgres ships. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  wal_level: "replica",
  jit: "off",
};

/**
 * Starts Postgres on a data folder, which is made and given the platform's roles and schemas when
 * it is new.
 *
 * It works as root (another user runs the server) and as anybody else. A data folder that a crash
 * left locked is taken over.
 *
 * @throws {Error} when the server does not come up, with the end of its log.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { password, port = freePort() } = options;
  const user = await unprivilegedUser();
  const folder = user ? await reachableFolder(options.folder) : options.folder;
  const binaries = await postgresBinaries(user !== undefined);
  const data = join(folder, `data-${binaries.major}`);
  await endOrphan(data);
  if (options.fresh) await Deno.remove(data, { recursive: true }).catch(ignoreMissing);
  const durable = options.settings?.fsync !== "off";
  await initDatabase({ binaries, data, password, durable, user });
  checkPort(port, "--db-port");

  const settings = { ...SETTINGS, ...options.settings, port: String(port) };
  await using starting = new AsyncDisposableStack();
  const child = starting.use(Child.start({
    command: join(binaries.folder, "postgres"),
    args: [
      "-D",
      data,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    env: {},
    log: join(options.folder, "postgres.log"),
    stopSignal: "INT",
    user,
  }));
  const url = (role: LoginRole = "postgres", database = "postgres") =>
    `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`;
  await untilReady(child, url("supabase_admin"));
  await applyPlatform(url("supabase_admin"), password);

  const running = starting.move();
  return {
    major: binaries.major,
    port,
    exited: child.exited,
    url,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Waits for the server, which may have a crash to recover from first. */
async function untilReady(child: Child, url: string): Promise<void> {
  while (child.running) {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      if (!isStarting(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await sql.end();
    }
  }
  throw new Error(`Postgres ended at once:\n${await child.lastWords()}\nIts log: ${child.log}`);
}

/** Nobody listens yet, or Postgres says that it is starting up (57P03). */
function isStarting(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return code === "ECONNREFUSED" || code === "57P03";
}
