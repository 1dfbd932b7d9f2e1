import { DatabaseSync } from "node:sqlite";

/** What the old app's file holds. */
export interface OldApp {
  readonly users: number;
  readonly jobs: number;
  readonly transactions: number;
  readonly credits: number;
  /** What must never be found anywhere else: password hashes and session tokens. */
  readonly secrets: readonly string[];
}

/** A second of the old app's first day. */
const BEGINNING = Date.UTC(2023, 0, 2, 8) / 1000;
const HOUR = 3600;
const TYPES = ["resize", "transcode", "transcribe", "archive"];
const STATES = ["done", "done", "done", "failed", "cancelled"];

const SCHEMA = `
  create table users (
    id integer primary key, email text, password_hash text not null, created_at, last_login
  );
  create table sessions (token text primary key, user_id integer not null);
  create table jobs (
    id integer primary key, user_id, job_type text, status text, created_at, updated_at,
    source_file text, result_file text, metadata text
  );
  create table credit_transactions (
    id integer primary key, user_id, amount integer, transaction_type text, reference_id text,
    created_at, description text
  );
`;

/**
 * Makes the SQLite file of an app as some years leave it: times in four forms, ids as numbers and as
 * text, addresses in any letter case, some missing and some twice, and a job in five hundred that
 * cannot be migrated.
 *
 * The same number gives the same file.
 *
 * @param path A file that is not there yet.
 * @param users How many users; each has four jobs and six transactions on average.
 */
export function makeOldApp(path: string, users: number): OldApp {
  const file = new DatabaseSync(path);
  try {
    file.exec(SCHEMA);
    file.exec("begin");
    const secrets: string[] = [];
    let jobs = 0;
    let transactions = 0;
    let credits = 0;
    const insert = (table: string, columns: number) =>
      file.prepare(`insert into ${table} values (${Array(columns).fill("?").join(", ")})`);
    const [intoUsers, intoSessions] = [insert("users", 5), insert("sessions", 2)];
    const [intoJobs, intoCredits] = [insert("jobs", 9), insert("credit_transactions", 7)];

    for (let user = 1; user <= users; user++) {
      const hash = `$2b$10$${String(user).padStart(22, "h")}`;
      const token = `tok_${String(user).padStart(28, "0")}`;
      secrets.push(hash, token);
      const since = BEGINNING + user * HOUR;
      intoUsers.run(user, addressOf(user), hash, time(since, user), null);
      intoSessions.run(token, user);

      for (let nth = 0; nth < user % 9; nth++) {
        const id = ++jobs;
        const begun = since + nth * HOUR;
        intoJobs.run(
          id,
          // a number is a real to SQLite, where a column has no type
          id % 7 === 0 ? String(user) : id % 5 === 0 ? user : BigInt(user),
          TYPES[id % TYPES.length]!,
          STATES[id % STATES.length]!,
          time(begun, id),
          id % 3 === 0 ? null : time(begun + 90, id),
          `uploads/${user}/${id}.png`,
          id % 4 === 0 ? "" : `results/${user}/${id}.png`,
          id % 500 === 0 ? '{"width": ' : `{"width": ${100 + id % 900}, "note": "naïve — ✓"}`,
        );
      }
      for (let nth = 0; nth < user % 13; nth++) {
        const id = ++transactions;
        const amount = nth === 0 ? 100 + user % 400 : -(1 + (user * nth) % 25);
        credits += amount;
        intoCredits.run(
          id,
          BigInt(user),
          amount,
          nth === 0 ? "bought" : "spent",
          id % 1000 === 0 ? "order-1" : `order-${id}`,
          time(since + nth * HOUR, id),
          null,
        );
      }
    }
    file.exec("commit");
    return { users, jobs, transactions, credits, secrets };
  } finally {
    file.close();
  }
}

/** One address in 50 is written oddly, one in 400 is that of the user before, one in 333 unknown. */
function addressOf(user: number): string | null {
  if (user % 333 === 0) return null;
  const address = `user${user % 400 === 0 ? user - 1 : user}@example.com`;
  return user % 50 === 0 ? ` ${address.toUpperCase()} ` : address;
}

/** Seconds since 1970 as one of the old app's versions wrote them. */
function time(seconds: number, nth: number): string | number | bigint {
  const iso = new Date(seconds * 1000).toISOString();
  const forms = [iso, iso.slice(0, 19).replace("T", " "), BigInt(seconds), seconds * 1000];
  return forms[nth % forms.length]!;
}
