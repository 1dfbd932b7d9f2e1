import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { SqliteImport } from "../../scripts/import/sqlite/import_source.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { type Ended, runScript } from "./run_script.ts";

/** A database to import into, and a folder with a SQLite file that a test makes. */
export interface ImportSetup extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly folder: string;
  readonly file: string;
  /** Makes the SQLite file, or adds to it. */
  make(sql: string, ...values: SQLInputValue[][]): void;
  /** Imports the file for pipeline shop, with more flags. */
  importSqlite(...flags: string[]): Promise<Ended>;
  /** Imports the file and reads the report; the import must end with a code. */
  report(code: number, ...flags: string[]): Promise<SqliteImport>;
  /** A staging table's rows in the order of its first column, each value as Postgres writes it. */
  rows(table: string): Promise<(string | null)[][]>;
  /** The types of a staging table's columns, by name. */
  types(table: string): Promise<Record<string, string>>;
}

/** Makes an empty database and a folder. */
export async function importSetup(): Promise<ImportSetup> {
  const database = await createDatabase();
  const { sql } = database;
  const folder = await Deno.makeTempDir();
  const file = `${folder}/app.db`;
  const importSqlite = (...flags: string[]) =>
    runScript("import.ts", ["sqlite", file, "--pipeline", "shop", ...flags], {
      SUPABASE_DB_URL: database.url,
    });
  return {
    database,
    folder,
    file,
    importSqlite,
    make: (statements, ...values) => {
      using made = new DatabaseSync(file);
      if (values.length === 0) made.exec(statements);
      else for (const row of values) made.prepare(statements).run(...row);
    },
    report: async (code, ...flags) => {
      const ended = await importSqlite("--json", ...flags);
      if (ended.code !== code) throw new Error(`It ended with ${ended.code}: ${ended.stderr}`);
      return JSON.parse(ended.stdout);
    },
    rows: async (table) => {
      const columns = Object.keys(await typesOf(sql, table));
      const texts = columns.map((name) => `"${name.replaceAll('"', '""')}"::text`);
      const found = await sql.unsafe(
        `select ${texts.join(", ")} from staging."${table.replaceAll('"', '""')}" order by 1`,
      ).values();
      return found.map((row) => [...row]);
    },
    types: (table) => typesOf(sql, table),
    [Symbol.asyncDispose]: async () => {
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

async function typesOf(
  sql: TestDatabase["sql"],
  table: string,
): Promise<Record<string, string>> {
  const columns = await sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, atttypmod) as type
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    where relnamespace = 'staging'::regnamespace and relname = ${table} and attnum > 0
    order by attnum
  `;
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}
