/**
 * Runs the tests: `deno task test [arguments of deno test]`.
 *
 * One Postgres serves the whole run. Its database `postgres` has the platform's roles and this
 * project's migrations, and is the template of every test's own database
 * (tests/support/database.ts). LANDFALL_POSTGRES_BIN names another Postgres, such as
 * /usr/lib/postgresql/15/bin.
 *
 * @module
 */
import { applyMigrations } from "./stack/apply_migrations.ts";
import { projectFolder } from "./stack/local_folder.ts";
import { startPostgres } from "./stack/postgres.ts";
import { temporaryFolder } from "./stack/temporary_folder.ts";

/** Nothing of a test run outlives it, so nothing needs to be safe on disk. */
const VOLATILE = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

if (import.meta.main) Deno.exit(await runTests(Deno.args));

async function runTests(args: string[]): Promise<number> {
  await using folder = await temporaryFolder({ fast: true });
  await using server = await startPostgres({
    folder: folder.path,
    password: crypto.randomUUID(),
    settings: VOLATILE,
  });
  console.log(`Tests run on Postgres ${server.major}`);
  await applyMigrations(server.url());
  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--parallel", ...args],
    cwd: projectFolder,
    env: {
      LANDFALL_TEST_DATABASE: server.url("supabase_admin", "template1"),
      // a fifth of the time a test waits, for a process or a clock
      DENO_JOBS: String(navigator.hardwareConcurrency + 1),
    },
  }).spawn();
  // Ctrl-C reaches the tests as well: wait for them, then clean up
  Deno.addSignalListener("SIGINT", () => {});
  Deno.addSignalListener("SIGTERM", () => tests.kill("SIGTERM"));
  return (await tests.status).code;
}
