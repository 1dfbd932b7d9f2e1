import type postgres from "postgres";
import { paint } from "../paint.ts";

/** Long enough for a value to be recognised. */
const KEY_WIDTH = 14;

/**
 * Shows a handful of a store's keys with their values: a record of each family, one that was
 * encoded twice, a list, and a key of nobody's.
 *
 * @param width The columns there are; what is longer is cut.
 */
export async function sampleStore(
  sql: postgres.Sql,
  table: string,
  width: number,
): Promise<string[]> {
  const rows = await sql<{ key: string; value: string }[]>`
    select min(key) as key, (array_agg(left(value::text, ${width}) order by key))[1] as value
    from ${sql(table)}
    group by split_part(key, ':', 1), jsonb_typeof(value) = 'string' and value::text like '%{%'
    having split_part(min(key), ':', 1) in
      ('client', 'catalogs', 'site', 'gift', 'employee', 'order', 'gifts', 'session')
    order by min(key)
  `;
  return rows.map(({ key, value }) => {
    const short = cut(key, KEY_WIDTH).padEnd(KEY_WIDTH);
    return `${paint("cyan", short)}  ${paint("dim", cut(value, width - KEY_WIDTH - 2))}`;
  });
}

/** Cuts a text to a width, as a terminal counts it, and says so. */
function cut(text: string, width: number): string {
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join("")}…`;
}
