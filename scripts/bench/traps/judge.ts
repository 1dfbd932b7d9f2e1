import postgres from "postgres";
import type { Move, Trap, Verdict } from "./trap.ts";

const UNDEFINED_TABLE = "42P01";
/** What is wrong only where the tool said that all went well. */
const UNSAID = /, exit code 0$/;

/**
 * Looks at what a tool made of a trap.
 *
 * @param sql Queries as the owner of the tables.
 * @param schema Where they stand.
 */
export async function judge(
  sql: postgres.Sql,
  trap: Trap,
  { exitCode, failure }: Move,
  schema: string,
): Promise<Verdict> {
  const wrong = failure === undefined ? await findWrong(sql, trap, schema) : [failure];
  const found = wrong.filter((name) => exitCode === 0 || !UNSAID.test(name));
  return found.length === 0
    ? { right: true, found: "right" }
    : { right: false, found: found.join("; ") };
}

/** Says what went wrong, as the check names it. */
async function findWrong(sql: postgres.Sql, { check }: Trap, schema: string): Promise<string[]> {
  try {
    return await sql.begin(async (transaction) => {
      await transaction`select set_config('search_path', ${`${schema}, traps`}, true)`;
      const [row] = await transaction.unsafe<Record<string, boolean>[]>(check);
      return Object.entries(row!).filter(([, happened]) => happened).map(([name]) => name);
    });
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    return [error.code === UNDEFINED_TABLE ? "nothing is loaded" : error.message];
  }
}
