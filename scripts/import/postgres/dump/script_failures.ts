import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import type { TableName } from "./statement_kind.ts";

/** The failure of a wanted table that a dump has rows of. */
export function missingTable(
  { schema = "public", table }: TableName,
  failures: ReadonlyMap<string, string>,
): LandfallError {
  const why = failures.get(`${schema}.${table}`);
  return new LandfallError("LF011", `Table ${schema}.${table} of the dump cannot be made`, {
    details: why === undefined ? "The dump has its rows, and does not make it." : `${why}.`,
    hint: why === undefined
      ? "Dump the database again, without --data-only."
      : "Restore the dump where it can be, such as a Postgres with the same extensions, and " +
        "import from there by URL; or leave the table out with --tables. Nothing was changed.",
  });
}

/** The failure of a dump that changes to another database. */
export function severalDatabases(): LandfallError {
  return new LandfallError("LF011", "The dump has several databases", {
    details: "It changes to another database after it has made tables, as pg_dumpall does.",
    hint: "Dump the one that is to be imported, with pg_dump.",
  });
}

/** The failure of a script that runs others. */
export function otherScripts(): LandfallError {
  return new LandfallError("LF011", "The dump includes another script", {
    details: "What its \\i, \\ir or \\include reads is in another file.",
    hint: "Put the scripts together in one file, or dump the database again with pg_dump. " +
      "Nothing was changed.",
  });
}

/** The failure of a wanted table whose rows a dump only names. */
export function rowsElsewhere({ schema = "public", table }: TableName): LandfallError {
  return new LandfallError("LF011", `Rows of ${schema}.${table} are not in the dump`, {
    details: "Its COPY reads them from another file.",
    hint: "Dump the database again with pg_dump, which writes the rows into the dump. " +
      "Nothing was changed.",
  });
}

/** The failure of a dump of which a part is missing. */
export function incomplete(why: string, details: string): LandfallError {
  return new LandfallError("LF011", `The dump cannot be read: ${why}`, {
    details,
    hint: "Nothing was changed. Copy it again, or dump the database again.",
  });
}

/** The failure of a dump without data. */
export function noRows(): LandfallError {
  return new LandfallError("LF011", "The dump has tables and no rows", {
    details: "It looks as if it was made with --schema-only.",
    hint: "Nothing was changed. Dump the database again, with its data.",
  });
}
