import postgres from "postgres";
import { copyOut } from "../../database/copy_out.ts";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { sourceFailure, type SourceWork } from "./source_failure.ts";
import type { SourceAddress } from "./source_url.ts";

/** A database as it is at one moment, to be read. */
export interface Source {
  /** What reports call it. */
  readonly name: string;
  /** Asks a query, whose failure explains itself. */
  query<Row>(statement: string, work?: Partial<SourceWork>): Promise<Row[]>;
  /** Asks a query that may fail, and throws what the driver threw. */
  attempt<Row>(statement: string): Promise<Row[]>;
  /** Whether a statement can be understood: it is not executed. Throws what the driver threw. */
  parse(statement: string): Promise<void>;
  /** The bytes that `copy … to stdout` gives, a row or less at a time. */
  copy(statement: string, work: Partial<SourceWork>): AsyncIterable<Uint8Array>;
}

/** How values are written as text, and that nothing is hidden and nobody is waited for. */
const SETTINGS = {
  bytea_output: "hex",
  datestyle: "ISO",
  extra_float_digits: "1",
  idle_in_transaction_session_timeout: "0",
  intervalstyle: "postgres",
  lock_timeout: "10s",
  quote_all_identifiers: "off",
  row_security: "off",
  standard_conforming_strings: "on",
  statement_timeout: "0",
  timezone: "UTC",
  transaction_timeout: "0",
};
const CONNECT_SECONDS = 15;

/**
 * Reads a database in one transaction that writes nothing.
 *
 * Names that have no schema are those of pg_catalog, also in conditions and in functions that views
 * call: another path could lead to what somebody planted.
 *
 * @param name What reports call it.
 * @param signal Ends the reading at once.
 * @throws {@linkcode LandfallError} for every failure of the source; what `work` throws as it is.
 */
export async function readSource<Result>(
  address: SourceAddress,
  name: string,
  signal: AbortSignal,
  work: (source: Source) => Promise<Result>,
): Promise<Result> {
  const sql = connect(address);
  // a COPY under way would have to be read to its end, so the connection is given up instead
  const giveUp = () => sql.end({ timeout: 0 });
  signal.addEventListener("abort", giveUp);
  let failure: unknown;
  let outcome: { readonly result: Result } | undefined;
  try {
    await sql.begin("isolation level repeatable read read only", async (transaction) => {
      try {
        // before anything is asked: nobody's functions and operators take the place of Postgres's own
        await transaction.unsafe("set local search_path = pg_catalog, pg_temp");
        await transaction.unsafe(
          `select pg_catalog.set_config(pg_settings.name, wanted.value, true)
           from pg_catalog.jsonb_each_text('${JSON.stringify(SETTINGS)}') as wanted
           join pg_catalog.pg_settings
             on pg_catalog.lower(pg_settings.name) operator(pg_catalog.=) wanted.key`,
        );
        signal.throwIfAborted();
        outcome = { result: await work(sourceOf(transaction, name)) };
      } catch (error) {
        failure = error;
        await giveUp();
        throw error;
      }
    });
  } catch (error) {
    // what is done is done, however the reading ends
    if (!outcome) throw sourceFailure(failure ?? error, { source: name });
  } finally {
    signal.removeEventListener("abort", giveUp);
    await sql.end({ timeout: 5 });
  }
  return outcome!.result;
}

function connect(address: SourceAddress): postgres.Sql {
  const { host, port, database, user, password, options } = address;
  return postgres({
    host,
    port,
    database,
    username: user,
    password,
    ssl: encryption(address),
    max: 1,
    // a pooler may stand before the database: no named statements
    prepare: false,
    fetch_types: false,
    connect_timeout: CONNECT_SECONDS,
    connection: { application_name: "landfall import", ...(options ? { options } : {}) },
    onnotice: () => {},
  });
}

function encryption({ sslmode, rootCertificates }: SourceAddress) {
  if (sslmode === "disable") return false;
  if (sslmode === "require") return sslmode;
  if (!sslmode.startsWith("verify")) return "prefer";
  try {
    const ca = rootCertificates === undefined
      ? {}
      : { ca: Deno.readTextFileSync(rootCertificates) };
    return { rejectUnauthorized: true, ...ca };
  } catch (cause) {
    throw new LandfallError("LF008", "The file that sslrootcert names cannot be read", {
      hint: "It holds certificates in PEM format.",
      cause,
    });
  }
}

function sourceOf(transaction: postgres.TransactionSql, name: string): Source {
  const explained = async <Result>(
    work: Partial<SourceWork>,
    asked: PromiseLike<Result>,
  ): Promise<Result> => {
    try {
      return await asked;
    } catch (error) {
      throw sourceFailure(error, { source: name, ...work });
    }
  };
  return {
    name,
    query: <Row>(statement: string, work: Partial<SourceWork> = {}) =>
      explained(work, transaction.unsafe(statement) as unknown as PromiseLike<Row[]>),
    attempt: <Row>(statement: string) =>
      transaction.savepoint((savepoint) =>
        savepoint.unsafe(statement) as unknown as Promise<Row[]>
      ) as Promise<Row[]>,
    parse: async (statement) => {
      await transaction.savepoint((savepoint) => savepoint.unsafe(statement).describe());
    },
    copy: async function* (statement, work) {
      try {
        yield* copyOut(transaction.unsafe(statement));
      } catch (error) {
        throw sourceFailure(error, { source: name, ...work });
      }
    },
  };
}
