import postgres from "postgres";
import { applyMigrations } from "../../stack/apply_migrations.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { temporaryFolder } from "../../stack/temporary_folder.ts";
import { makeSource } from "./make_source.ts";

/** A Postgres that writes safely to disk, with a CRM to be moved and the engine to move it to. */
export interface Workbench extends AsyncDisposable {
  /** Queries on the target, as the owner. */
  readonly sql: postgres.Sql;
  /** The database of the old CRM. */
  readonly sourceUrl: string;
  /** The database with the engine and the new CRM. */
  readonly targetUrl: string;
  /** Makes an empty database anew, for a plain copy, and returns its URL. */
  emptyDatabase(): Promise<string>;
  /** Empties staging and targets, forgets all runs, and has everything on disk. */
  clean(): Promise<void>;
}

/** Starts a Postgres in a temporary folder, which goes with it. */
export async function startWorkbench(records: number): Promise<Workbench> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder());
  const password = crypto.randomUUID();
  const server = starting.use(await startPostgres({ folder: folder.path, password }));
  await applyMigrations(server.url());
  const connect = (url: string) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    starting.defer(() => sql.end());
    return sql;
  };
  const sql = connect(server.url());
  const admin = connect(server.url("supabase_admin"));
  const database = async (name: string) => {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.unsafe(`create database ${name} template template0 owner postgres`);
    return server.url("postgres", name);
  };
  const sourceUrl = await database("old_crm");
  await makeSource(connect(sourceUrl), records);
  const running = starting.move();
  return {
    sql,
    sourceUrl,
    targetUrl: server.url(),
    emptyDatabase: async () => {
      const url = await database("plain_copy");
      await admin`checkpoint`;
      return url;
    },
    clean: async () => {
      await sql`truncate crm.organizations, landfall.runs, landfall.lineage cascade`;
      await sql`
        truncate staging.crm_companies, staging.crm_leads, staging.crm_conversions,
          staging.crm_segments`;
      await admin`checkpoint`;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
