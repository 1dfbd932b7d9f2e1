import postgres from "postgres";
import type { Target } from "../../invoke/target.ts";
import { startStack } from "../../stack/stack.ts";
import { temporaryFolder } from "../../stack/temporary_folder.ts";

/** A stack to measure on, with a Postgres that writes safely to disk. */
export interface Workbench extends AsyncDisposable {
  /** Queries as the owner. */
  readonly sql: postgres.Sql;
  readonly target: Target;
  /** Empties the targets and forgets all runs, and has everything on disk. */
  clean(): Promise<void>;
  /** Has everything on disk. */
  settle(): Promise<void>;
}

/** Starts a stack in a temporary folder, which goes with it. */
export async function startWorkbench(): Promise<Workbench> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder());
  const stack = starting.use(await startStack({ folder: folder.path }));
  const connect = (url: string) => {
    const sql = postgres(url, { max: 2, onnotice: () => {} });
    starting.defer(() => sql.end());
    return sql;
  };
  const sql = connect(stack.databaseUrl);
  const admin = connect(asAdmin(stack.databaseUrl));
  const running = starting.move();
  return {
    sql,
    target: { url: stack.apiUrl, secretKey: stack.secretKey },
    async clean() {
      await sql`truncate ${sql(await writtenTables(sql))} cascade`;
      await admin`checkpoint`;
    },
    async settle() {
      await admin`checkpoint`;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The targets, and every table of the engine that tells of a run. */
async function writtenTables(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select target as name
    from landfall.entities
    -- a collection is no table
    where not exists (
      select from landfall.collections where collections.entity_id = entities.id
    )

    union
    select 'landfall.' || relations.relname
    from pg_catalog.pg_class as relations
    join pg_catalog.pg_attribute as columns
      on columns.attrelid = relations.oid and columns.attname = 'run_id'
    where relations.relnamespace = 'landfall'::regnamespace and relations.relkind = 'r'
  `;
  return ["landfall.runs", ...rows.map(({ name }) => name)];
}

/** A checkpoint is for superusers, and `postgres` is none. */
function asAdmin(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = "supabase_admin";
  return url.href;
}
