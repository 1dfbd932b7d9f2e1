import type postgres from "postgres";

/**
 * Loads the rows of people as a hand-written script does, with neither checks nor lineage, and takes
 * them away again.
 *
 * @param people Ids of their accounts, which such a script must know.
 * @returns How many rows it loaded.
 */
export async function plainJoin(
  sql: postgres.Sql,
  people: readonly string[],
): Promise<number> {
  let rows = 0;
  const undone = new Error("undone");
  try {
    await sql.begin(async (transaction) => {
      const jobs = await transaction`
        insert into jobs
          (user_id, job_type, status, created_at, source_file, result_file, metadata)
        select
          profiles.id, job_type, status, legacy.created_at::timestamptz, source_file,
          result_file, metadata::jsonb
        from staging.jobs_jobs as legacy
        join staging.jobs_users as users on users.id = legacy.user_id
        join profiles on lower(profiles.email) = lower(trim(users.email))
        where profiles.id = any (${people}::uuid[])`;
      const credits = await transaction`
        insert into credit_transactions
          (user_id, amount, transaction_type, reference_id, created_at, description)
        select
          profiles.id, amount::int, transaction_type, reference_id,
          to_timestamp(legacy.created_at::float8), description
        from staging.jobs_credit_transactions as legacy
        join staging.jobs_users as users on users.id = legacy.user_id
        join profiles on lower(profiles.email) = lower(trim(users.email))
        where profiles.id = any (${people}::uuid[])`;
      rows = jobs.count + credits.count;
      throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  return rows;
}
