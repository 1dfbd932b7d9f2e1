import type postgres from "postgres";
import type { PostgresImport } from "../../scripts/import/postgres/import_source.ts";
import { connectionsTo } from "../support/connections.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { type Ended, runScript } from "./run_script.ts";

/** A database to import into, another to import from, and a folder for dumps. */
export interface PostgresSetup extends AsyncDisposable {
  readonly target: TestDatabase;
  readonly source: postgres.Sql;
  /** The source's URL as its owner. */
  readonly url: string;
  readonly folder: string;
  /** Writes a file to the folder and returns its path. */
  file(name: string, content: string | Uint8Array): Promise<string>;
  /** Imports from the source, or from what is named, for pipeline shop. */
  run(flags?: readonly string[], from?: string): Promise<Ended>;
  /** Imports and reads the report; the import must succeed. */
  report(flags?: readonly string[], from?: string): Promise<PostgresImport>;
  /** A staging table's rows in the order of its first column, each value as Postgres writes it. */
  rows(table: string): Promise<(string | null)[][]>;
}

/** Makes both databases; the source is empty. */
export async function postgresSetup(options = ""): Promise<PostgresSetup> {
  await using starting = new AsyncDisposableStack();
  const target = starting.use(await createDatabase());
  const name = `${target.name}_source`;
  await target.sql.unsafe(`create database ${name} template template0 ${options}`);
  starting.defer(async () => {
    await target.sql.unsafe(`drop database ${name} with (force)`);
  });
  const url = withDatabase(target.url, name);
  const source = starting.use(connectionsTo(url)).sql;
  const folder = await Deno.makeTempDir();
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const run = (flags: readonly string[] = [], from = url) =>
    runScript("import.ts", ["postgres", from, "--pipeline", "shop", ...flags], {
      SUPABASE_DB_URL: target.url,
    });
  const running = starting.move();
  return {
    target,
    source,
    url,
    folder,
    file: async (name, content) => {
      const path = `${folder}/${name}`;
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
      return path;
    },
    run,
    report: async (flags = [], from) => {
      const ended = await run(["--json", ...flags], from);
      if (ended.code !== 0) throw new Error(`It ended with ${ended.code}: ${ended.stderr}`);
      return JSON.parse(ended.stdout);
    },
    rows: (table) => textRows(target.sql, `staging."${table}"`),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Rows of a table in the order of its first column, each value as Postgres writes it. */
export async function textRows(sql: postgres.Sql, table: string): Promise<(string | null)[][]> {
  const columns = await sql`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped
    order by attnum`;
  const texts = columns.map(({ name }) => `"${name}"::text`);
  const rows = await sql.begin("read only", async (transaction) => {
    await transaction`set local timezone = 'UTC'`;
    return await transaction.unsafe(`select ${texts.join(", ")} from ${table} order by 1`).values();
  });
  return rows.map((row) => [...row]);
}

/** The same URL with another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
