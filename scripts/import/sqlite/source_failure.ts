import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

const [BUSY, IO_ERROR, CORRUPT, CANNOT_OPEN, NOT_A_DATABASE] = [5, 10, 11, 14, 26] as const;
const ROLLBACK_NEEDED = 776;

/**
 * Says why a SQLite file cannot be read; a failure that is none of SQLite's stays as it is.
 *
 * @param error What was thrown.
 * @param path The file.
 * @param table What was being read of it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const thrown = Object.assign(new Error("database disk image is malformed"), {
 *   code: "ERR_SQLITE_ERROR",
 *   errcode: 11,
 * });
 * const failure = sourceFailure(thrown, "app.db", "users") as Error;
 *
 * assertEquals(failure.message, "Cannot read app.db: it is damaged, in table users");
 * ```
 */
export function sourceFailure(error: unknown, path: string, table?: string): unknown {
  const { code, errcode, message } = error as Error & { code?: string; errcode?: number };
  if (code !== "ERR_SQLITE_ERROR") return error;
  const [why, hint] = reason(errcode, table);
  return new LandfallError("LF011", `Cannot read ${path}: ${why}`, {
    details: `SQLite says: ${message}.`,
    hint,
    cause: error,
  });
}

function reason(code: number | undefined, table?: string): [why: string, hint: string] {
  const place = table === undefined ? "" : `, in table ${table}`;
  if (code === ROLLBACK_NEEDED) {
    return [
      "a write to it was broken off, and its -journal file must be played back first",
      "Open a copy of both files once with the sqlite3 shell, then import that copy.",
    ];
  }
  // the upper bytes tell apart kinds of one failure
  switch (code === undefined ? CANNOT_OPEN : code & 0xff) {
    case NOT_A_DATABASE:
      return [
        "it is no SQLite database, or an encrypted one",
        "Decrypt it with the program that made it, then import the copy.",
      ];
    case CORRUPT:
      return [
        `it is damaged${place}`,
        "Nothing of it is loaded. Restore a backup, or save what can be read with the " +
        "sqlite3 shell: .recover.",
      ];
    case BUSY:
      return ["another program is writing it", "Let that end, or import a copy."];
    case CANNOT_OPEN:
      return [
        "it cannot be opened",
        "A file with a -wal beside it needs both to be readable, in a folder that can be " +
        "written: copy them together to such a folder.",
      ];
    case IO_ERROR:
      return [`it cannot be read${place}`, "See that the disk is well, or import a copy."];
    default:
      return [`SQLite cannot read it${place}`, "Look at it with the sqlite3 shell."];
  }
}
