import type postgres from "postgres";
import { type AuthUsers, authUsers } from "./auth_users.ts";
import type { Connections } from "./connections.ts";
import { createDatabase } from "./database.ts";
import { migrate, type RunOptions, type RunReport } from "./migration.ts";

/** What resolving users answers, as far as tests look at it. */
export interface Resolution {
  readonly dryRun: boolean;
  readonly users: readonly {
    readonly pipeline: string;
    readonly linked: number;
    readonly links: readonly { legacyUserId: string; supabaseUserId: string; evidence: string }[];
    readonly shared: readonly { supabaseUserId: string; legacyUserIds: string[] }[];
    readonly ambiguous: readonly { legacyUserId: string; address: string; accounts: number }[];
    readonly waiting: { readonly users: number; readonly reasons: Record<string, number> };
  }[];
  readonly runs: readonly RunReport[];
  readonly busy: readonly { pipeline: string; runId: number }[];
}

/** The old app's history in the staging tables of the pipeline "jobs", and the new app's people. */
export interface OldApp extends AsyncDisposable {
  readonly database: Connections;
  /** Queries as postgres, the owner. */
  readonly sql: postgres.Sql;
  /** Queries as service_role, the role that runs the engine. */
  readonly engine: postgres.Sql;
  readonly people: AuthUsers;
  /** Somebody who signs up, confirms the address and is signed in by that. */
  arrive(email: string): Promise<string>;
  migrate(options?: RunOptions): Promise<RunReport>;
  resolve(options?: { dryRun?: boolean; requireSignIn?: boolean }): Promise<Resolution>;
  /** The legacy ids of the users whose rows each account has, in order. */
  owners(): Promise<Record<string, string[]>>;
}

/**
 * Stages an old app in which each user has a job and two transactions, of 10 and 5 credits.
 *
 * @param users Addresses by legacy id.
 * @param database Where to; disposed with it.
 */
export async function oldApp(
  users: Readonly<Record<string, string | null>>,
  database?: Connections,
): Promise<OldApp> {
  const opened = database ?? await createDatabase();
  const { sql } = opened;
  const engine = opened.as("service_role");
  const people = authUsers(sql);
  const ids = Object.keys(users);
  await sql`
    insert into staging.jobs_users (id, email)
    select * from unnest(${ids}::text[], ${Object.values(users)}::text[])`;
  await sql`
    insert into staging.jobs_jobs (id, user_id, job_type, status, created_at)
    select 'job ' || id, id, 'resize', 'done', '2024-05-01 10:00:00'
    from unnest(${ids}::text[]) as users (id)`;
  await sql`
    insert into staging.jobs_credit_transactions
      (id, user_id, amount, transaction_type, created_at)
    select amount || ' of ' || id, id, amount, 'bought', '1714557600'
    from unnest(${ids}::text[]) as users (id)
    cross join unnest(array['10', '5']) as amounts (amount)`;
  return {
    database: opened,
    sql,
    engine,
    people,
    arrive: async (email) => {
      const id = await people.signUp(email);
      await people.confirm(id);
      return id;
    },
    migrate: (options) => migrate(engine, "jobs", options),
    resolve: async ({ dryRun = false, requireSignIn = true } = {}) => {
      const [row] = await engine`
        select landfall.resolve_users(
          dry_run => ${dryRun}, require_sign_in => ${requireSignIn}
        ) as report`;
      return row!.report;
    },
    owners: async () => {
      const rows = await sql`
        select user_id, array_agg(substr(source_key, 5) order by source_key) as users
        from jobs
        join landfall.lineage on target_key = jobs.id::text
        group by user_id`;
      return Object.fromEntries(rows.map(({ user_id, users }) => [user_id, users]));
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
