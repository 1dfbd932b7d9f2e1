import { join } from "@std/path";
import { Child } from "../../scripts/stack/child.ts";
import { freePort } from "../../scripts/stack/port.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { listenerOn } from "../support/listener_on.ts";
import { type Db, MongoClient } from "../../supabase/functions/_shared/sinks/mongodb.ts";

/** A user of the server, and what it may do with the database `app`. */
export interface MongoUser {
  readonly user: string;
  readonly password: string;
  readonly role: "readWrite" | "read";
}

/** A server that speaks MongoDB's protocol. */
export interface Mongo extends AsyncDisposable {
  /** Of the database `app`, as nobody in particular. */
  readonly url: string;
  /** The database `app`, as nobody in particular; for a server that asks who is there, unusable. */
  readonly database: Db;
  /** Of the database `app`, as a user. */
  urlOf(user: string, password: string): string;
  /** Ends the server as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again with its data, on the same port. */
  start(): Promise<void>;
}

/** How the server is started. */
export interface MongoOptions {
  /** Asks everybody who they are, and knows these. */
  readonly users?: readonly MongoUser[];
  /** More flags of the server. */
  readonly flags?: readonly string[];
}

const DATABASE = "app";
const READY_MS = 30_000;

/**
 * Starts SecantusDB, which `.ci/run` installs, in a folder of its own. Takes about 1 s.
 *
 * @throws {Error} when it is not installed, or does not come up.
 */
export async function startMongo({ users = [], flags = [] }: MongoOptions = {}): Promise<Mongo> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder());
  const port = freePort();
  const program = await binary();
  const launch = async (...more: string[]): Promise<Child> => {
    const child = Child.start({
      command: program,
      args: [
        ...["--host", "127.0.0.1", "--port", String(port), "--log-level", "ERROR"],
        // an acknowledged write is on the disk, as MongoDB's own journal sees to
        ...["--storage-path", join(folder.path, "data"), "--sync-on-commit", ...flags, ...more],
      ],
      env: { PATH: Deno.env.get("PATH") ?? "", HOME: folder.path },
      log: join(folder.path, "mongod.log"),
      stopSignal: "TERM",
    });
    await untilItListens(port, child);
    return child;
  };

  const url = `mongodb://127.0.0.1:${port}/${DATABASE}`;
  const auth = users.length > 0 ? ["--auth"] : [];
  let child = await launch();
  starting.defer(() => child[Symbol.asyncDispose]());
  if (users.length > 0) {
    await createUsers(url, users);
    await child[Symbol.asyncDispose]();
    child = await launch(...auth);
  }
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  starting.defer(() => client.close());
  const running = starting.move();
  return {
    url,
    database: client.db(),
    urlOf: (user, password) =>
      `mongodb://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}` +
      `/${DATABASE}?authSource=${DATABASE}`,
    kill: async () => {
      // the server's own process: the child is the shell that watches over it
      Deno.kill(await listenerOn(port), "SIGKILL");
      await child.exited;
    },
    start: async () => {
      child = await launch(...auth);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function binary(): Promise<string> {
  const cache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  const path = Deno.env.get("LANDFALL_MONGOD") || `${cache}/landfall/secantusdb/bin/secantusd-py`;
  if (await Deno.stat(path).then(() => true, () => false)) return path;
  throw new Error(`There is no ${path}: .ci/run installs it, from tests/services/mongod.txt`);
}

async function untilItListens(port: number, child: Child): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    if (connection) return connection.close();
    if (!child.running || Date.now() > deadline) {
      throw new Error(`The server does not come up:\n${await child.lastWords()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function createUsers(url: string, users: readonly MongoUser[]): Promise<void> {
  const client = new MongoClient(url);
  try {
    for (const { user, password, role } of users) {
      await client.db().command({
        createUser: user,
        pwd: password,
        roles: [{ role, db: DATABASE }],
      });
    }
  } finally {
    await client.close();
  }
}
