import postgres from "postgres";

/** Nobody answers, the connection broke, or Postgres is on its way down or up (57P…). */
export function isAway(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  if (error instanceof postgres.PostgresError) return /^(57P|08)/.test(code);
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|CONNECTION_)/.test(code);
}
