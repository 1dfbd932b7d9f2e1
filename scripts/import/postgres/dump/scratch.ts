import { dirname, join } from "@std/path";
import postgres from "postgres";
import { endOrphan } from "../../../stack/end_orphan.ts";
import { isLocked, lockFolder } from "../../../stack/folder_lock.ts";
import { startPostgres } from "../../../stack/postgres.ts";
import { reachableFolder } from "../../../stack/reachable_folder.ts";
import { unprivilegedUser } from "../../../stack/unprivileged_user.ts";
import { type SourceAddress, sourceUrl } from "../source_url.ts";

/** An empty database of its own; disposing it drops it with its server. */
export interface Scratch extends AsyncDisposable {
  readonly address: SourceAddress;
}

const PREFIX = "landfall-scratch-";
/** A folder is made and then locked: one that is younger may be about to be. */
const YOUNG_MS = 60_000;
/** Who owns the database: nobody who could do harm outside of it. */
const ROLE = "dump";
/** Nothing of it outlives this process. */
const VOLATILE = {
  autovacuum: "off",
  fsync: "off",
  full_page_writes: "off",
  max_wal_senders: "0",
  synchronous_commit: "off",
  wal_level: "minimal",
};

/**
 * Starts a Postgres for a dump, in a temporary folder.
 *
 * The server ends with this process, however that ends. The folder of a process that was killed is
 * removed by the next call.
 */
export async function startScratch(): Promise<Scratch> {
  const marker = await Deno.makeTempDir({ prefix: PREFIX });
  await sweep(dirname(marker), marker);
  await using starting = new AsyncDisposableStack();
  starting.defer(() => remove(marker));
  await Deno.chmod(marker, 0o711);
  const lock = await lockFolder(marker);
  if (lock) starting.use(lock);
  const folder = await unprivilegedUser() ? await reachableFolder(marker) : marker;
  if (folder !== marker) {
    await Deno.writeTextFile(join(marker, "elsewhere"), folder);
    starting.defer(() => remove(folder));
  }

  const password = crypto.randomUUID();
  const server = starting.use(await startPostgres({ folder, password, settings: VOLATILE }));
  const sql = postgres(server.url("supabase_admin"), { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`create role ${ROLE} login password '${password}'`);
    await sql.unsafe(`create database ${ROLE} owner ${ROLE} template template0`);
  } finally {
    await sql.end();
  }
  const running = starting.move();
  return {
    address: sourceUrl(`postgresql://${ROLE}:${password}@127.0.0.1:${server.port}/${ROLE}`),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Removes what processes that were killed have left. */
async function sweep(parent: string, own: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    const folder = join(parent, name);
    if (!name.startsWith(PREFIX) || folder === own) continue;
    try {
      const { mtime } = await Deno.stat(folder);
      const hasLock = await Deno.stat(join(folder, "lock")).then(() => true, () => false);
      const young = Date.now() - (mtime?.getTime() ?? 0) < YOUNG_MS;
      if ((!hasLock && young) || await isLocked(folder)) continue;
      const elsewhere = await Deno.readTextFile(join(folder, "elsewhere")).catch(() => folder);
      await endServers(elsewhere);
      if (elsewhere !== folder && elsewhere.startsWith("/var/lib/landfall/")) {
        await remove(elsewhere);
      }
      await remove(folder);
    } catch {
      // another user's, or another import was faster
    }
  }
}

async function endServers(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("data-")) await endOrphan(join(folder, name));
  }
}

async function remove(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
