import { DatabaseSync } from "node:sqlite";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { checkWal } from "./check_wal.ts";
import { sourceFailure } from "./source_failure.ts";

/** A SQLite file as it is at one moment; disposing it closes it. */
export interface Source extends Disposable {
  readonly path: string;
  readonly database: DatabaseSync;
  /** How its texts are stored, as TextDecoder calls it. */
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
  /** Whether a `-wal` beside it was read with it. */
  readonly withWal: boolean;
}

/**
 * Opens a SQLite file to read it in one transaction. The file is not written; SQLite keeps the
 * content of a `-wal` beside it in view.
 *
 * @throws LF011 for what is no readable SQLite database.
 */
export async function openSource(path: string): Promise<Source> {
  await refuseOthers(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, enableForeignKeyConstraints: false });
    database.exec("begin");
    // the transaction begins with what is read first
    const { encoding } = database.prepare("pragma encoding").get() as { encoding: string };
    database.prepare("select count(*) from sqlite_schema").get();
    const opened = database;
    return {
      path,
      database: opened,
      encoding: encoding.toLowerCase() as Source["encoding"],
      withWal: await checkWal(path),
      [Symbol.dispose]: () => opened.close(),
    };
  } catch (error) {
    database?.close();
    throw sourceFailure(error, path);
  }
}

/** What SQLite would take for an empty database, or speak of in riddles. */
async function refuseOthers(path: string): Promise<void> {
  const cannot = (why: string, cause?: unknown) =>
    new LandfallError("LF011", `Cannot read ${path}: ${why}`, {
      hint: "Name a SQLite database file.",
      cause,
    });
  try {
    const { isDirectory, size } = await Deno.stat(path);
    if (isDirectory) throw cannot("it is a directory");
    if (size === 0) throw cannot("it is empty");
    (await Deno.open(path)).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw cannot("there is no such file", error);
    if (error instanceof Deno.errors.PermissionDenied) throw cannot("it may not be read", error);
    throw error;
  }
}
