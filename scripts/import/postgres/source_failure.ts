import { redact } from "../../../supabase/functions/_shared/core/redact.ts";
import { type FailureCode, LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { type DatabaseError, namesOnly } from "./names_only.ts";

/** What was being done when the source failed. */
export interface SourceWork {
  /** The source, as reports call it. */
  readonly source: string;
  /** The table that was read. */
  readonly table?: string;
  /** The columns that are cast, each with the type. */
  readonly casts?: readonly { readonly column: string; readonly type: string }[];
}

type Explanation = readonly [code: FailureCode, why: string, hint: string];

const AGAIN = "Nothing was changed. Import again.";

/**
 * Says why a source cannot be read. A value of a row is never quoted, and no password.
 *
 * @param error What the driver threw; anything else stays as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const thrown = Object.assign(new Error('database "crm" does not exist'), { code: "3D000" });
 * const failure = sourceFailure(thrown, { source: "db.example/crm" }) as Error;
 * assertEquals(failure.message, "Cannot read db.example/crm: there is no such database");
 * ```
 */
export function sourceFailure(error: unknown, work: SourceWork): unknown {
  const { code, message = "", routine = "" } = error as DatabaseError;
  if (error instanceof LandfallError || typeof code !== "string") return error;
  const [failure, why, hint] = code === "22P05" && routine.startsWith("json")
    ? noCharacter(work)
    : explain(code, message, work);
  return new LandfallError(failure, `Cannot read ${work.source}: ${why}`, {
    details: namesOnly(error as DatabaseError)
      ? redact(`${[code, message].filter(Boolean).join(": ")}.`)
      : `Postgres failed with ${code}.`,
    hint,
    cause: error,
  });
}

/** Jsonb has no character 0, which json keeps as it is written. */
function noCharacter({ table, casts = [] }: SourceWork): Explanation {
  const columns = casts.filter(({ type }) => /^jsonb/.test(type)).map(({ column }) => column);
  const place = columns.length === 0 ? "" : `, in ${columns.join(" or ")}`;
  return [
    "LF011",
    `table ${table} has a JSON with the character \\u0000, which jsonb cannot hold${place}`,
    "Make the staging column json or text, or mend the value at the source. Nothing was changed.",
  ];
}

function explain(code: string, message: string, work: SourceWork): Explanation {
  const place = work.table === undefined ? "" : ` in table ${work.table}`;
  const neverOpen = message.includes("before secure TLS");
  if (/^(CONNECTION_|57P01|57P02|08|EPIPE|ECONNRESET)/.test(code) && !neverOpen) {
    return ["LF005", "the connection was lost", AGAIN];
  }
  if (!/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]{4}$/.test(code)) {
    return ["LF005", "it cannot be reached", "Check host, port and sslmode of its URL."];
  }
  switch (code) {
    case "28P01":
      return ["LF006", "it refuses this user or password", "Check both in its URL."];
    case "28000":
      return ["LF006", "it refuses this user", "See pg_hba.conf of the source."];
    case "3D000":
      return ["LF006", "there is no such database", "Check the end of its URL."];
    case "42501":
      return message.includes("row-level security")
        ? [
          "LF006",
          `row level security would hide rows${place}`,
          "Read it as the table's owner, or as a role with bypassrls.",
        ]
        : ["LF006", `this user may not read it${place}`, "Grant usage on schema and select."];
    case "55P03":
      return ["LF005", `somebody holds a lock${place}`, AGAIN];
    case "57P03":
      return ["LF005", "it is starting up or shutting down", AGAIN];
    case "53300":
      return ["LF005", "it has no connection left", AGAIN];
    case "40001":
    case "57014":
      return ["LF005", "it gave up the query", AGAIN];
    case "22021":
    case "22P05":
      return [
        "LF011",
        `texts${place} are no valid UTF-8, or cannot be written in it`,
        "A source of encoding SQL_ASCII keeps any bytes: find out their encoding, and set it " +
        "right there. Nothing was changed.",
      ];
  }
  if (code.startsWith("53")) return ["LF005", "it is out of space or memory", AGAIN];
  if (code.startsWith("XX")) {
    return ["LF011", `it is damaged${place}`, "See the log of the source. Nothing was changed."];
  }
  if (/^2[23]/.test(code)) return ["LF011", misfit(message, work), valueHint(work)];
  return ["LF011", `it fails${place}`, "Nothing was changed."];
}

function misfit(message: string, { table, casts = [] }: SourceWork): string {
  const [, named] = /\btype (.+?)(?::| \(|$)/.exec(message) ?? [];
  const suspects = casts.filter(({ type }) => type === named);
  const columns = (suspects.length > 0 ? suspects : casts)
    .map(({ column, type }) => `${column} (${type})`);
  return columns.length === 0
    ? `a value of table ${table} makes the query fail`
    : `table ${table} has a value that is none of the staging table's type, in ` +
      columns.join(" or ");
}

function valueHint({ casts = [] }: SourceWork): string {
  return casts.length === 0
    ? "It may be a condition of --where, or a view. Nothing was changed."
    : "Make the staging column text and let the pipeline's rules judge it. Nothing was changed.";
}
