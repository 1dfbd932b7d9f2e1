import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** Where a database is, taken apart. */
export interface SourceAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly sslmode: string;
  /** The file of the certificates that are trusted, where the system's are not to be. */
  readonly rootCertificates: string | undefined;
  /** Options of the session, as libpq takes them. */
  readonly options: string | undefined;
  /** What it is called in reports: host and database. */
  readonly name: string;
}

/** What libpq lets stand behind the question mark as well, where it would say something else. */
const ELSEWHERE = ["host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service"];
const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/** Whether an argument names a database, and no file. */
export function isUrl(argument: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(argument);
}

/**
 * Takes the URL of a database apart, as libpq does; nothing of it is ever quoted in a failure.
 *
 * What only libpq knows (`channel_binding`, `target_session_attrs` and the like) is passed over.
 *
 * @throws LF008 for what is no such URL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const address = sourceUrl("postgresql://reader:p%40ss@db.example/crm?sslmode=require");
 * assertEquals(address.password, "p@ss");
 * assertEquals(address.name, "db.example/crm");
 * ```
 */
export function sourceUrl(text: string): SourceAddress {
  if (!/^postgres(ql)?:\/\//i.test(text)) {
    throw new LandfallError("LF008", "The source's URL is not one of Postgres", {
      hint: "It looks like postgresql://user:password@host:5432/database.",
    });
  }
  const url = parsed(text);
  const misplaced = ELSEWHERE.filter((name) => url.searchParams.has(name));
  if (misplaced.length > 0) {
    throw new LandfallError("LF008", "The source's URL says where it is behind the question mark", {
      details: `What stands there: ${misplaced.join(", ")}.`,
      hint: "Write all of it before that: postgresql://user:password@host:5432/database.",
    });
  }
  const database = decoded(url.pathname.slice(1)) || decoded(url.username);
  const sslmode = url.searchParams.get("sslmode") ?? "prefer";
  if (!SSL_MODES.includes(sslmode)) {
    throw new LandfallError("LF008", "The source's URL has an sslmode that is none", {
      hint: `It is one of ${SSL_MODES.join(", ")}.`,
    });
  }
  // an IPv6 address stands in brackets
  const host = decoded(url.hostname.replace(/^\[(.*)\]$/, "$1")) || "localhost";
  return {
    host,
    port: url.port === "" ? 5432 : Number(url.port),
    database,
    user: decoded(url.username) || undefined,
    password: decoded(url.password) || undefined,
    sslmode,
    rootCertificates: url.searchParams.get("sslrootcert") ?? undefined,
    options: url.searchParams.get("options") ?? undefined,
    name: `${url.hostname || "localhost"}/${database}`,
  };
}

/** A character of a password that is not escaped can end the host early: then an @ comes late. */
function parsed(text: string): URL {
  const url = URL.parse(text.replace(/^[a-z]+:/i, "postgresql:"));
  const late = url && /@/.test(url.pathname + url.search + url.hash);
  if (!url || late || url.hash !== "" || url.pathname.slice(1).includes("/")) throw unclear();
  return url;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unclear();
  }
}

function unclear(): LandfallError {
  return new LandfallError("LF008", "The source's URL cannot be understood", {
    details: "In a user's name or a password, characters such as @ / : # ? % are written as %40 " +
      "%2F %3A %23 %3F %25.",
    hint: "It looks like postgresql://user:password@host:5432/database.",
  });
}
