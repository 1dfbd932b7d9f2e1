import type postgres from "postgres";
import { FAMILIES } from "./families.ts";

/** Counts the rows of all tables and sums their hashes, so that two results can be compared. */
export async function fingerprint(sql: postgres.Sql): Promise<string> {
  const parts: string[] = [];
  for (const { table } of FAMILIES) {
    const [found] = await sql<{ print: string }[]>`
      select count(*) || ' ' || coalesce(sum(hashtextextended(rows::text, 0)), 0) as print
      from public.${sql(table)} as rows
    `;
    parts.push(`${table} ${found!.print}`);
  }
  return parts.join(", ");
}
