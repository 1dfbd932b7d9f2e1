import { redact } from "../../../../supabase/functions/_shared/core/redact.ts";
import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";

/** What is kept of its messages. */
const MESSAGES = 4096;

/**
 * Turns a dump in custom, directory or tar format into a script, by the user's own pg_restore.
 *
 * It is the `pg_restore` on the PATH, or the program that PG_RESTORE names. What only follows the
 * rows is in the script, too: a view may stand there.
 *
 * @throws LF006 when there is none; LF011 when it fails, at the script's end.
 */
export async function* pgRestore(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const process = start(["--no-owner", "--no-privileges", "--file=-"], path);
  const stop = () => {
    try {
      process.kill("SIGKILL");
    } catch {
      // it has ended
    }
  };
  signal.addEventListener("abort", stop);
  const messages = lastOf(process.stderr);
  let whole = false;
  try {
    yield* process.stdout;
    whole = true;
  } finally {
    signal.removeEventListener("abort", stop);
    if (!whole) stop();
  }
  const { success } = await process.status;
  if (!success) throw failure(await messages);
}

/**
 * Counts the tables whose rows a dump in custom, directory or tar format has.
 *
 * @throws LF011 when pg_restore fails.
 */
export async function countTables(path: string): Promise<number> {
  const process = start(["--list"], path);
  const [{ success }, list, messages] = await Promise.all([
    process.status,
    new Response(process.stdout).text(),
    lastOf(process.stderr),
  ]);
  if (!success) throw failure(messages);
  return list.match(/^\d+; \d+ \d+ TABLE DATA /gm)?.length ?? 0;
}

function start(flags: readonly string[], path: string): Deno.ChildProcess {
  const program = Deno.env.get("PG_RESTORE") || "pg_restore";
  try {
    return new Deno.Command(program, {
      args: [...flags, "--", path],
      env: { LC_ALL: "C" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (
      !(cause instanceof Deno.errors.NotFound) && !(cause instanceof Deno.errors.PermissionDenied)
    ) {
      throw cause;
    }
    throw new LandfallError("LF006", `There is no ${program} to read the dump with`, {
      details: "Dumps in custom, directory and tar format are read by pg_restore, a part of " +
        "Postgres's client programs.",
      hint: "Install them (postgresql-client), or name the program in PG_RESTORE, or write the " +
        "dump as plain SQL.",
      cause,
    });
  }
}

function failure(messages: string): LandfallError {
  const says = redact(messages.trim().split("\n").at(-1) ?? "");
  const [why, hint] = /unsupported version/.test(says)
    ? [
      "it was written by a newer pg_dump than this pg_restore knows",
      "Install the client programs of that version, and name its pg_restore in PG_RESTORE.",
    ]
    : /does not appear to be a valid archive|not a valid/.test(says)
    ? ["it is no dump of pg_dump", "Name a dump in custom, directory or tar format, or plain SQL."]
    : /does(?:n't| not) support compression|not built with/.test(says)
    ? [
      "it is compressed in a way that this pg_restore does not know",
      "Name one that does in PG_RESTORE, or dump again with --compress=gzip.",
    ]
    : ["it is damaged or cut off", "Copy it again, or dump the database again."];
  return new LandfallError("LF011", `The dump cannot be read: ${why}`, {
    details: says === "" ? "pg_restore failed without a word." : says,
    hint: `${hint} Nothing was changed.`,
  });
}

async function lastOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const text = new TextDecoder();
  let last = "";
  for await (const piece of stream) {
    last = (last + text.decode(piece, { stream: true })).slice(-MESSAGES);
  }
  return last;
}
