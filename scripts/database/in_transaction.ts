import postgres from "postgres";
import { redact } from "../../supabase/functions/_shared/core/redact.ts";
import { isFailureCode, LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { runningStack } from "../stack/running_stack.ts";

export type Transaction = postgres.TransactionSql;

const MODES = {
  write: "read write",
  snapshot: "isolation level repeatable read read only",
  comparison: "isolation level repeatable read read write",
};
const NOT_INSTALLED = ["3F000", "42P01", "42883"];

/**
 * Works on the database in one transaction: all of it is done, or nothing.
 *
 * The database is SUPABASE_DB_URL or LANDFALL_DB_URL, or else that of the local stack.
 *
 * @param kind A `snapshot` only reads, and all of it as it is at one moment; a `comparison` sees the
 * same, and may keep temporary tables.
 * @param url Another database.
 * @throws {@linkcode LandfallError} for every failure, without the connection's password.
 */
export async function inTransaction<Result>(
  work: (transaction: Transaction) => Promise<Result>,
  kind: keyof typeof MODES = "write",
  url?: string,
): Promise<Result> {
  const sql = connect(url ?? await databaseUrl());
  try {
    return await sql.begin(MODES[kind], work) as Result;
  } catch (error) {
    throw error instanceof LandfallError ? error : databaseFailure(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function databaseUrl(): Promise<string> {
  const url = Deno.env.get("SUPABASE_DB_URL") || Deno.env.get("LANDFALL_DB_URL") ||
    (await runningStack())?.databaseUrl;
  if (url) return url;
  throw new LandfallError("LF006", "There is no database to work on", {
    details: "SUPABASE_DB_URL is not set and the local stack does not run.",
    hint: "Start it with deno task start, or set SUPABASE_DB_URL to a connection URL.",
  });
}

function connect(url: string): postgres.Sql {
  try {
    // a pooler may stand before the database: no named statements
    return postgres(url, { max: 1, prepare: false, fetch_types: false, onnotice: () => {} });
  } catch (cause) {
    throw new LandfallError("LF006", "The database's URL cannot be understood", {
      hint: "It looks like postgresql://user:password@host:5432/postgres.",
      cause,
    });
  }
}

function databaseFailure(error: unknown): LandfallError {
  const { code = "", message } = error as { code?: string; message: string };
  if (isFailureCode(code)) {
    const { detail, hint } = error as { detail?: string; hint?: string };
    return new LandfallError(code, message, { details: detail, hint, cause: error });
  }
  const details = redact([code, message].filter(Boolean).join(": "));
  if (/^(E[A-Z]+|CONNECT|CONNECTION)/.test(code)) {
    return new LandfallError("LF005", "The database cannot be reached", {
      details,
      hint: "Check SUPABASE_DB_URL, or start the local stack with deno task start.",
      cause: error,
    });
  }
  if (code.startsWith("53")) {
    return new LandfallError("LF005", "The database is out of space, memory or connections", {
      details,
      hint: "Nothing was changed. Make room, then try again.",
      cause: error,
    });
  }
  if (/^(28|3D)/.test(code) || code === "42501") {
    return new LandfallError("LF006", "The database refuses this user", {
      details,
      hint: "Connect as the database's owner, postgres.",
      cause: error,
    });
  }
  if (NOT_INSTALLED.includes(code)) {
    return new LandfallError("LF009", "The engine is not installed in this database", {
      details,
      hint: "Apply the migrations: deno task supabase db push.",
      cause: error,
    });
  }
  return new LandfallError("LF007", "The database failed unexpectedly", { details, cause: error });
}
