import { isAway } from "./is_away.ts";

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
