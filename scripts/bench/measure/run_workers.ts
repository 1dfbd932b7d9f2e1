import postgres from "postgres";

const WORKERS = 2;
/** How long a worker goes on, in milliseconds, before it says how far it is. */
const BUDGET_MS = 5_000;

/**
 * Runs a pipeline with two workers, straight in the database.
 *
 * @throws {Error} when the run does not complete.
 */
export async function runWorkers(
  sql: postgres.Sql,
  databaseUrl: string,
  pipeline: string,
  options: Readonly<Record<string, postgres.JSONValue>> = {},
): Promise<void> {
  const [started] = await sql<{ run: string }[]>`
    select landfall.start_run(
      ${pipeline}, ${sql.json({ ...options, workers: WORKERS })}
    ) ->> 'runId' as run`;
  const work = async () => {
    const worker = postgres(databaseUrl, { max: 1, onnotice: () => {} });
    try {
      let state = "running";
      while (state === "running") {
        const [step] = await worker<{ state: string }[]>`
          select landfall.advance_run(${started!.run}, ${BUDGET_MS}) ->> 'state' as state`;
        state = step!.state;
      }
      if (state !== "completed") throw new Error(`The run is ${state}`);
    } finally {
      await worker.end();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
}
