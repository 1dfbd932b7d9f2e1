import { join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { applyMigrations } from "../../stack/apply_migrations.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { temporaryFolder } from "../../stack/temporary_folder.ts";

/** A Postgres with the migrations applied, and a folder for SQLite files. */
export interface Workbench extends AsyncDisposable {
  /** Queries as the owner, one after the other. */
  readonly sql: postgres.Sql;
  /** Queries as service_role. */
  readonly engine: postgres.Sql;
  readonly databaseUrl: string;
  readonly folder: string;
  /** Makes a SQLite file, and says where it is. */
  makeFile(name: string, sql: string): string;
}

/** What checks call, in schema `traps`. */
const FUNCTIONS = `
  create schema traps;

  create function traps.refuses(statement text) returns boolean language plpgsql as $function$
  begin
    begin
      execute statement;
      set constraints all immediate;
      raise sqlstate 'TRAPS';
    exception
      when integrity_constraint_violation then return true;
      when sqlstate 'TRAPS' then return false;
    end;
  end
  $function$;

  create function traps.count_rows(relation regclass) returns bigint language plpgsql as $function$
  declare
    counted bigint;
  begin
    execute format('select count(*) from %s', relation) into counted;
    return counted;
  end
  $function$;
`;

/** Starts a Postgres in a temporary folder, which goes with it. Nothing is timed: it need not last. */
export async function startWorkbench(): Promise<Workbench> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder({ fast: true }));
  const server = starting.use(
    await startPostgres({
      folder: folder.path,
      password: crypto.randomUUID(),
      settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
    }),
  );
  await applyMigrations(server.url());
  const connect = (max: number, connection: Record<string, string>) => {
    const sql = postgres(server.url(), { max, onnotice: () => {}, connection });
    starting.defer(() => sql.end());
    return sql;
  };
  const sql = connect(1, {});
  const engine = connect(4, { role: "service_role" });
  await sql.unsafe(FUNCTIONS);
  const running = starting.move();
  return {
    sql,
    engine,
    databaseUrl: server.url(),
    folder: folder.path,
    makeFile(name, statements) {
      const file = join(folder.path, `${name}.db`);
      using database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
      database.exec(statements);
      return file;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
