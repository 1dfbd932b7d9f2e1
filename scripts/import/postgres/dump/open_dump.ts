import { basename, join } from "@std/path";
import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import { fileBytes, unpacked } from "./file_bytes.ts";
import { isWholeTar } from "./is_whole_tar.ts";
import { peek, type Peeked } from "./peek.ts";
import { countTables, pgRestore } from "./pg_restore.ts";

/** A dump as a script of SQL. */
export interface Script {
  /** Returning ends the reading. */
  readonly bytes: AsyncGenerator<Uint8Array>;
  /** Whether pg_dump wrote it, and says at its end that it is complete. */
  readonly says: "complete" | undefined;
  /** How many tables it must have rows of, or an end of rows; undefined when nothing says it. */
  countTables?(): Promise<number>;
}

/** How files of zstd, lz4, xz, bzip2, zip and 7-Zip begin. */
const PACKED = [
  "\x28\xb5\x2f\xfd",
  "\x04\x22\x4d\x18",
  "\xfd7zXZ",
  "BZh",
  "PK\x03\x04",
  "7z\xbc\xaf",
];
/** Enough to tell what a file is. */
const HEAD = 8192;

/**
 * Opens a dump as a script of SQL: plain files as they are, others by `pg_restore`.
 *
 * @param path A file, or the folder of a dump in directory format.
 * @param signal Ends the reading.
 * @throws LF011 for what is no dump of Postgres, LF006 when there is no pg_restore.
 */
export async function openDump(path: string, signal: AbortSignal): Promise<Script> {
  const cannot = (why: string, hint: string, cause?: unknown) =>
    new LandfallError("LF011", `Cannot read ${basename(path)}: ${why}`, { hint, cause });
  try {
    const { isDirectory, isFile } = await Deno.stat(path);
    if (isDirectory) {
      const isDump = await Deno.stat(join(path, "toc.dat")).then(() => true, () => false);
      if (!isDump) throw cannot("it is a folder without a dump", "Name the folder of pg_dump -Fd.");
      return archive(path, signal);
    }
    const { head, bytes } = await peek(fileBytes(path, signal), HEAD);
    if (isArchive(head)) {
      await bytes.return(undefined);
      if (!isFile) throw cannot("it is a pipe", "Name the file itself; only scripts can be piped.");
      if (isTar(head) && !await isWholeTar(path)) {
        throw cannot("it was cut off", "Copy it again, or dump the database again.");
      }
      return archive(path, signal);
    }
    if (head[0] !== 0x1f || head[1] !== 0x8b) return await script({ head, bytes }, cannot);
    return await script(await peek(unpack(bytes, cannot), HEAD), cannot);
  } catch (error) {
    const name = "Name a database by its URL, or a dump.";
    if (error instanceof Deno.errors.NotFound) throw cannot("there is no such file", name, error);
    if (error instanceof Deno.errors.PermissionDenied) throw cannot("it may not be read", name);
    throw error;
  }
}

function archive(path: string, signal: AbortSignal): Script {
  return {
    bytes: pgRestore(path, signal),
    says: "complete",
    countTables: () => countTables(path),
  };
}

type Cannot = (why: string, hint: string, cause?: unknown) => LandfallError;

async function script({ head, bytes }: Peeked, cannot: Cannot): Promise<Script> {
  const [why, hint] = noScript(head) ?? [];
  if (why !== undefined) {
    await bytes.return(undefined);
    throw cannot(why, hint!);
  }
  const text = new TextDecoder().decode(head);
  const says = /^-- PostgreSQL database (cluster )?dump\r?$/m.test(text) ? "complete" : undefined;
  return { bytes, says };
}

/** Why a file is no script of Postgres, and what to do. */
function noScript(head: Uint8Array): [why: string, hint: string] | undefined {
  const text = new TextDecoder("latin1").decode(head);
  if (text.trim() === "") return ["it is empty", "See that pg_dump ends without error."];
  if (/^(\xff\xfe|\xfe\xff)/.test(text)) {
    return [
      "it is written in UTF-16, as PowerShell's > does",
      "Dump again with pg_dump --file, which writes the bytes as they are.",
    ];
  }
  if (isArchive(head)) return ["it is packed twice", "Unpack it with gunzip first."];
  if (text.startsWith("SQLite format 3\0")) {
    return ["it is a SQLite database", "Import it with deno task import sqlite."];
  }
  if (
    isHeadOfMySql(text) ||
    /\bengine\s*=\s*(innodb|myisam)\b|^create table (if not exists )?`/im.test(text)
  ) {
    return [
      "it is a dump of MySQL or MariaDB, not of Postgres",
      "Load it into Postgres first, for example with pgloader, and import from there.",
    ];
  }
  if (PACKED.some((signature) => text.startsWith(signature))) {
    return ["it is packed", "Unpack it first; of packed scripts, only .gz can be read."];
  }
  if (text.includes("\0")) {
    return ["it is no dump of Postgres", "Name a file or folder that pg_dump wrote."];
  }
  return undefined;
}

/** Whether a comment before the first statement is one that programs for MySQL write. */
function isHeadOfMySql(text: string): boolean {
  for (const line of text.split("\n").map((line) => line.trimStart())) {
    if (/^(-- (MySQL|MariaDB|phpMyAdmin)|\/\*M?!\d|# (MySQL|Host:))/.test(line)) return true;
    if (line !== "" && !/^(--|#)/.test(line)) return false;
  }
  return false;
}

/** Whether it is a dump in custom or tar format. */
function isArchive(head: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(head).startsWith("PGDMP") || isTar(head);
}

function isTar(head: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(head);
  return text.startsWith("toc.dat\0") && text.slice(257, 262) === "ustar";
}

async function* unpack(
  bytes: AsyncIterable<Uint8Array>,
  cannot: Cannot,
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked(bytes);
  } catch (error) {
    throw cannot("it is a damaged or cut off .gz", "Copy it again, or dump again.", error);
  }
}
