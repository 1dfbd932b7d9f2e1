import type postgres from "postgres";
import { inTransaction } from "../../scripts/database/in_transaction.ts";
import { planStoreFile, type StoreOptions } from "../../scripts/generate/kv/plan_store_file.ts";
import type { StorePlan } from "../../scripts/generate/kv/plan/store_plan.ts";
import { writeMigration } from "../../scripts/generate/kv/write/write_migration.ts";
import { loadStore } from "../../scripts/import/load_store.ts";
import { storeChunks } from "../../scripts/import/store_chunks.ts";
import { createDatabase, type TestDatabase } from "./database.ts";
import { migrate, type RunOptions, type RunReport } from "./migration.ts";

/** A key-value store, and a database that it moves into by a generated pipeline called app. */
export interface StorePipeline extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly sql: postgres.Sql;
  /** Queries as service_role. */
  readonly engine: postgres.Sql;
  readonly folder: string;
  /** The store's file. */
  readonly file: string;
  /** Makes the store. */
  make(records: Readonly<Record<string, unknown>>): Promise<void>;
  /** Decides what the store becomes. */
  plan(options?: Partial<StoreOptions>): Promise<StorePlan>;
  /** Decides, applies the migration, imports and migrates. */
  move(options?: Partial<StoreOptions>): Promise<{ plan: StorePlan; run: RunReport }>;
  import(): Promise<number>;
  migrate(options?: RunOptions): Promise<RunReport>;
  /** Families of keys, each with its outcome, keys, rows and rejects. */
  account(): Promise<Account[]>;
  /** What the tables do not give back, with the reason; the same value otherwise written apart. */
  losses(): Promise<Loss[]>;
}

export interface Account {
  readonly family: string;
  readonly outcome: string;
  readonly entity: string | null;
  readonly keys: number;
  readonly rows: number;
  readonly rejected: number;
}

export interface Loss {
  readonly key: string;
  readonly family: string | null;
  readonly path: string;
  readonly kind: string;
  readonly why: string | null;
}

/**
 * Makes a database for a store.
 *
 * @param path The store's file; left out, one that {@linkcode StorePipeline.make} writes.
 */
export async function storePipeline(path?: string): Promise<StorePipeline> {
  const database = await createDatabase();
  const { sql } = database;
  const engine = database.as("service_role");
  const folder = await Deno.makeTempDir();
  const file = path ?? `${folder}/store.ndjson`;
  const pipeline: StorePipeline = {
    database,
    sql,
    engine,
    folder,
    file,
    make: async (records) => {
      const lines = Object.entries(records).map(([key, value]) => JSON.stringify({ key, value }));
      await Deno.writeTextFile(file, lines.join("\n"));
    },
    plan: (options) =>
      planStoreFile(
        {
          pipeline: "app",
          schema: "public",
          table: undefined,
          file,
          mapping: undefined,
          ...options,
        },
        () => {},
        database.url,
      ),
    move: async (options) => {
      const plan = await pipeline.plan(options);
      await sql.unsafe(writeMigration(plan));
      await pipeline.import();
      return { plan, run: await pipeline.migrate() };
    },
    import: () =>
      inTransaction(
        (transaction) => {
          const tally = {
            records: 0,
            blankLines: 0,
            nulsRemoved: 0,
            halvesReplaced: 0,
            cleanedLines: [],
          };
          const chunks = storeChunks(file, tally, { merge: false });
          return loadStore(transaction, "staging.app_store", chunks);
        },
        "write",
        database.url,
      ),
    migrate: (options) => migrate(engine, "app", options),
    account: () =>
      sql<Account[]>`
        select family, outcome, entity, keys::int, rows::int, rejected::int
        from transform.app_account`,
    losses: () =>
      sql<Loss[]>`
        select key, family, path, kind, why
        from transform.app_losses
        where kind <> 'form'
        order by key, path`,
    [Symbol.asyncDispose]: async () => {
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
  return pipeline;
}

/** The names of all relations and functions that outlive a session. */
export async function namesOf(sql: postgres.Sql): Promise<string[]> {
  const found = await sql`
    select relname as name from pg_class
    union all
    select proname from pg_proc
    order by name`;
  return found.map(({ name }) => name);
}
