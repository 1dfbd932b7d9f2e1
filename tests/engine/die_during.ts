import postgres from "postgres";
import type { TestDatabase } from "../support/database.ts";

/** Works on run 1 to its end, in short transactions. */
export const WORK = `
  do $$ begin
    while (select state in ('planned', 'running') from landfall.runs where id = 1) loop
      perform landfall.advance_run(1, 5);
      commit;
    end loop;
  end $$`;

/**
 * Runs a statement as service_role, on a connection of its own, and kills its backend.
 *
 * @returns Whether it died; false when it was done before.
 */
export async function dieDuring(
  { database, sql }: { readonly database: TestDatabase; readonly sql: postgres.Sql },
  statement: string,
  afterMs: number,
): Promise<boolean> {
  const worker = postgres(database.url, { max: 1, connection: { role: "service_role" } });
  try {
    const [backend] = await worker`select pg_backend_pid() as pid`;
    const working = worker.unsafe(statement).then(() => false, () => true);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await sql`select pg_terminate_backend(${backend!.pid}, 5000)`;
    return await working;
  } finally {
    await worker.end({ timeout: 0 });
  }
}
