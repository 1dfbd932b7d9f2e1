import { dirname } from "@std/path";
import postgres from "postgres";
import { lockFolder } from "../../../stack/folder_lock.ts";
import { startPostgres } from "../../../stack/postgres.ts";
import { reachableFolder } from "../../../stack/reachable_folder.ts";
import { unprivilegedUser } from "../../../stack/unprivileged_user.ts";
import { type SourceAddress, sourceUrl } from "../source_url.ts";
import { removeFolder } from "./remove_folder.ts";
import { SCRATCH_PREFIX, sweepScratch } from "./sweep_scratch.ts";

/** An empty database of its own; disposing it drops it with its server. */
export interface Scratch extends AsyncDisposable {
  readonly address: SourceAddress;
}

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
  const marker = await Deno.makeTempDir({ prefix: SCRATCH_PREFIX });
  await sweepScratch(dirname(marker), marker);
  await using starting = new AsyncDisposableStack();
  starting.defer(() => removeFolder(marker));
  await Deno.chmod(marker, 0o711);
  const lock = await lockFolder(marker);
  if (lock) starting.use(lock);
  const folder = await unprivilegedUser() ? await reachableFolder(marker) : marker;
  if (folder !== marker) starting.defer(() => removeFolder(folder));

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
