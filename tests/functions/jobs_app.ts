import type postgres from "postgres";

/** What a test's old app holds. User n is u<n>, u<n>@old.example, with jobs and credits of their own. */
export interface JobsApp {
  readonly users?: number;
  /** Jobs of each user. */
  readonly jobs?: number;
}

/** How far somebody has come to the new app. */
export interface Arrival {
  readonly confirmed?: boolean;
  readonly signedIn?: boolean;
}

/**
 * Stages what an old app held: users, their jobs, and a credit for each job.
 *
 * Jobs of one user follow each other, by their ids.
 */
export async function stageJobs(
  sql: postgres.Sql,
  { users = 3, jobs = 4 }: JobsApp = {},
): Promise<void> {
  await sql`
    insert into staging.jobs_users (id, email)
    select 'u' || n, ' U' || n || '@Old.example' from generate_series(1, ${users}::int) as n`;
  await sql`
    insert into staging.jobs_jobs (id, user_id, job_type, status, created_at)
    select 'u' || n || '-' || lpad(m::text, 5, '0'), 'u' || n, 'render', 'done', '2024-01-02 03:04:05'
    from generate_series(1, ${users}::int) as n, generate_series(1, ${jobs}::int) as m`;
  await sql`
    insert into staging.jobs_credit_transactions (id, user_id, amount, transaction_type, created_at)
    select 'u' || n || '-' || lpad(m::text, 5, '0'), 'u' || n, '10', 'purchase', '1704164645'
    from generate_series(1, ${users}::int) as n, generate_series(1, ${jobs}::int) as m`;
}

/**
 * Makes an account in the new app, with its profile.
 *
 * @returns Its id.
 */
export async function arrive(
  sql: postgres.Sql,
  email: string,
  { confirmed = true, signedIn = true }: Arrival = {},
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into auth.users (id, email, created_at, email_confirmed_at, last_sign_in_at)
    values (
      gen_random_uuid(), ${email}, '2026-01-01Z',
      case when ${confirmed} then timestamptz '2026-01-02Z' end,
      case when ${signedIn} then timestamptz '2026-01-03Z' end
    )
    returning id`;
  return row!.id;
}
