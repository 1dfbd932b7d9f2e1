import type postgres from "postgres";

/** Rows of a user, half of them jobs and half transactions. */
const ROWS_EACH = 10;

/** Stages rows of users none of whom has an account, beside accounts of people who never had rows. */
export async function stageWaiting(sql: postgres.Sql, records: number): Promise<void> {
  const users = Math.ceil(records / ROWS_EACH);
  await sql`
    insert into staging.jobs_users (id, email)
    select id::text, 'user' || id || '@example.com' from generate_series(1, ${users}::int) as id`;
  await sql`
    insert into staging.jobs_jobs
      (id, user_id, job_type, status, created_at, source_file, metadata)
    select
      id::text, (1 + id % ${users}::int)::text, 'resize', 'done', '2023-01-01 10:00:00', 'a.png',
      '{"width": 100}'
    from generate_series(1, ${records / 2}::int) as id`;
  await sql`
    insert into staging.jobs_credit_transactions
      (id, user_id, amount, transaction_type, reference_id, created_at)
    select
      id::text, (1 + id % ${users}::int)::text, '5', 'bought', 'order-' || id, '1700000000'
    from generate_series(1, ${records / 2}::int) as id`;
  await arrive(sql, users, "'new' || id || '@example.org'");
  await sql`
    analyze staging.jobs_users, staging.jobs_jobs, staging.jobs_credit_transactions, profiles`;
}

/** Lets the next ten legacy users sign in, and returns the ids of their accounts. */
export async function arriveTen(sql: postgres.Sql): Promise<string[]> {
  const [row] = await sql`
    select count(*)::int as there from auth.users where email like '%@example.com'`;
  return await arrive(sql, 10, `'user' || (${Number(row!.there)} + id) || '@example.com'`);
}

async function arrive(sql: postgres.Sql, people: number, address: string): Promise<string[]> {
  const rows = await sql.unsafe<{ id: string }[]>(
    `insert into auth.users (
      instance_id, id, aud, role, email, email_confirmed_at, created_at, last_sign_in_at
    )
    select
      '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated',
      'authenticated', ${address}, now(), now() - interval '1 minute', now()
    from generate_series(1, $1::int) as id
    returning users.id`,
    [people],
  );
  return rows.map(({ id }) => id);
}
