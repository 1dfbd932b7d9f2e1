import postgres from "postgres";
import { redact } from "../../supabase/functions/_shared/core/redact.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { runningStack } from "../stack/running_stack.ts";

export type Transaction = postgres.TransactionSql;

/**
 * Works on the database in one transaction: all of it is done, or nothing.
 *
 * The database is SUPABASE_DB_URL or LANDFALL_DB_URL, or else that of the local stack.
 *
 * @throws {@linkcode LandfallError} for every failure, without the connection's password.
 */
export async function inTransaction<Result>(
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const sql = connect(await databaseUrl());
  try {
    return await sql.begin(work) as Result;
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
  throw new LandfallError("LF006", "There is no database to import into", {
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
  const details = redact([code, message].filter(Boolean).join(": "));
  if (/^(E[A-Z]+|CONNECT|CONNECTION)/.test(code)) {
    return new LandfallError("LF005", "The database cannot be reached", {
      details,
      hint: "Check SUPABASE_DB_URL, or start the local stack with deno task start.",
      cause: error,
    });
  }
  if (/^(28|3D)/.test(code) || code === "42501") {
    return new LandfallError("LF006", "The database refuses this user", {
      details,
      hint: "Import as the database's owner, postgres.",
      cause: error,
    });
  }
  return new LandfallError("LF007", "The database failed unexpectedly", { details, cause: error });
}
