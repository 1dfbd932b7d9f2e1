import postgres from "postgres";

/** Whatever went away is back by then. */
const PATIENCE_MS = 30_000;

/**
 * Does something again until it is done, however often Postgres goes away meanwhile.
 *
 * @param work What is safe to repeat.
 * @throws What Postgres refuses while it is there.
 */
export async function persist<Result>(work: () => Promise<Result>): Promise<Result> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end || !isAway(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Nobody answers, the connection broke, or Postgres is on its way down or up (57P…). */
function isAway(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  if (error instanceof postgres.PostgresError) return /^(57P|08)/.test(code);
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|CONNECTION_)/.test(code);
}
