import { join } from "@std/path";
import postgres from "postgres";
import { applyMigrations } from "../../stack/apply_migrations.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { temporaryFolder } from "../../stack/temporary_folder.ts";
import { makeFile } from "./make_file.ts";
import { writeTexts } from "./write_texts.ts";
import { PGLOADER_SCHEMA, TABLES } from "./tables.ts";

/** A Postgres that writes safely to disk, a SQLite file, and empty tables for it. */
export interface Workbench extends AsyncDisposable {
  /** Queries as the owner. */
  readonly sql: postgres.Sql;
  /** Queries as the superuser, who may read files of the server. */
  readonly admin: postgres.Sql;
  readonly databaseUrl: string;
  readonly file: string;
  /** A folder with a text file for each table, as COPY reads it. */
  readonly folder: string;
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
  const file = join(folder.path, "app.db");
  makeFile(file, records);
  await sql`create schema ${sql(PGLOADER_SCHEMA)}`;
  for (const [table, columns] of Object.entries(TABLES)) {
    const list = columns.map((column) => `${column} text${column === "id" ? " primary key" : ""}`);
    for (const name of [`staging.bench_${table}`, `${PGLOADER_SCHEMA}.${table}`]) {
      await sql.unsafe(`create table ${name} (${list.join(", ")})`);
    }
  }
  await writeTexts(file, folder.path);
  const running = starting.move();
  return {
    sql,
    admin,
    databaseUrl: server.url(),
    file,
    folder: folder.path,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
