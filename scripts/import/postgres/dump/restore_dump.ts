import { basename } from "@std/path";
import postgres from "postgres";
import type { SourceAddress } from "../source_url.ts";
import { openDump } from "./open_dump.ts";
import { restoreScript, type Wants } from "./restore_script.ts";
import { startScratch } from "./scratch.ts";

/** A dump in a database; disposing it drops that. */
export interface RestoredDump extends AsyncDisposable {
  readonly address: SourceAddress;
  /** The name of the file or folder, without the folder it is in. */
  readonly name: string;
  /** Why a table could not be made, by schema and name. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Restores what is wanted of a dump to a scratch database.
 *
 * The dump is foreign code: it runs as a role that owns nothing but that database.
 *
 * @param signal Ends it at once.
 * @throws LF011 for what is no dump, or a damaged one; LF006 without a pg_restore that it needs.
 */
export async function restoreDump(
  path: string,
  wants: Wants,
  signal: AbortSignal,
): Promise<RestoredDump> {
  const name = basename(path.replace(/(?<=.)\/+$/, ""));
  const script = await openDump(path, signal);
  await using reading = new AsyncDisposableStack();
  reading.defer(async () => {
    await script.bytes.return(undefined);
  });
  await using starting = new AsyncDisposableStack();
  const scratch = starting.use(await startScratch());
  signal.throwIfAborted();
  const sql = connect(scratch.address);
  const giveUp = () => sql.end({ timeout: 0 });
  signal.addEventListener("abort", giveUp);
  try {
    const failures = await restoreScript(sql, script, wants);
    const running = starting.move();
    return {
      address: scratch.address,
      name,
      failures,
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  } finally {
    signal.removeEventListener("abort", giveUp);
    await giveUp();
  }
}

function connect({ host, port, database, user, password }: SourceAddress): postgres.Sql {
  return postgres({
    host,
    port,
    database,
    username: user,
    password,
    max: 1,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
  });
}
