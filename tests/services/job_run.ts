import type postgres from "postgres";

/** What became of one execution of a job. */
export interface JobRun {
  readonly status: "succeeded" | "failed";
  /** Such as `INSERT 0 1`, or the error. */
  readonly message: string;
}

/**
 * Waits until pg_cron has run a job, which takes a minute at most: before version 1.5 it knows no
 * shorter interval.
 *
 * @param job The job's name.
 * @throws {Error} when it has not run within 90 s.
 */
export async function jobRun(sql: postgres.Sql, job: string): Promise<JobRun> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    const [run] = await sql<JobRun[]>`
      select status, trim(return_message) as message
      from cron.job_run_details
      join cron.job using (jobid)
      where jobname = ${job} and status in ('succeeded', 'failed')
      order by runid
      limit 1`;
    if (run) return run;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`pg_cron has not run the job ${job}`);
}
