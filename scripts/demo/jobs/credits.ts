import type postgres from "postgres";

/** Where the old app's credits are, in whole units. */
export interface Credits {
  readonly inFile: number;
  readonly loaded: number;
  readonly waiting: number;
  readonly rejected: number;
  /** Legacy users whose own credits do not add up. */
  readonly unbalanced: number;
}

/** Adds up what every user's credits have come to. */
export async function creditsOf(sql: postgres.Sql): Promise<Credits> {
  const [row] = await sql<Credits[]>`
    select
      sum(in_file)::int as "inFile",
      sum(loaded)::int as loaded,
      sum(waiting)::int as waiting,
      sum(rejected)::int as rejected,
      (count(*) filter (where in_file <> loaded + waiting + rejected))::int as unbalanced
    from transform.jobs_credits`;
  return row!;
}
