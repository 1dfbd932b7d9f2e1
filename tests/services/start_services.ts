import { join } from "@std/path";
import postgres from "postgres";
import { applyMigrations } from "../../scripts/stack/apply_migrations.ts";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { connectionsTo } from "../support/connections.ts";
import type { TestDatabase } from "../support/database.ts";

/** pg_cron logs in over TCP as the owner of a job, and has no password to give. */
const WHO_MAY_LOG_IN = `
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
`;

/**
 * Starts a Postgres that has pg_cron, with the platform's schemas and the project's migrations, for
 * tests that schedule: pg_cron runs the jobs of one database of a server. Takes about 2 s.
 *
 * @returns Its database; as {@linkcode createDatabase} makes one, but it takes the server with it.
 * @throws {Error} when pg_cron is not installed: `apt-get install postgresql-15-cron`.
 *
 * @example A test that schedules
 * ```ts ignore
 * Deno.test("schedule() resolves users every minute", async () => {
 *   await using services = await startServices();
 *
 *   await services.sql`select landfall.schedule()`;
 * });
 * ```
 */
export async function startServices(): Promise<TestDatabase> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder({ fast: true }));
  const hba = join(folder.path, "pg_hba.conf");
  await Deno.writeTextFile(hba, WHO_MAY_LOG_IN);
  const server = starting.use(
    await startPostgres({
      folder: folder.path,
      password: crypto.randomUUID(),
      settings: {
        fsync: "off",
        hba_file: hba,
        shared_preload_libraries: "pg_cron",
        "cron.database_name": "postgres",
      },
    }),
  );
  await createCron(server.url("supabase_admin"));
  await applyMigrations(server.url());
  const connections = starting.use(connectionsTo(server.url()));
  const running = starting.move();
  return {
    ...connections,
    name: "postgres",
    url: server.url(),
    authenticatorUrl: server.url("authenticator"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function createCron(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(await Deno.readTextFile(new URL("pg_cron.sql", import.meta.url)));
  } finally {
    await sql.end();
  }
}
