import type postgres from "postgres";
import { median } from "../../bench/measure/median.ts";
import { type Asked, askStore } from "./ask_store.ts";
import type { SupabaseClient } from "./data_api.ts";
import { questionsAbout } from "./questions.ts";

/** One question, timed on both sides. */
export interface Comparison {
  readonly title: string;
  readonly store: Asked;
  /** One request each. */
  readonly tables: { readonly ms: number; readonly rows: number };
}

/** How often the tables are asked; the middle time counts. */
const ASKED = 7;

/**
 * Asks the questions of the store and of the tables, both through the Data API.
 *
 * @param limitMs How long a question may read the store.
 */
export async function compareSides(
  sql: postgres.Sql,
  client: SupabaseClient,
  table: string,
  limitMs: number,
): Promise<Comparison[]> {
  // as autovacuum does within a minute
  await sql`analyze public.products, public.orders`;
  const compared: Comparison[] = [];
  for (const { title, store, tables } of await questionsAbout(sql, table)) {
    const times: number[] = [];
    let rows = 0;
    for (let turn = 0; turn < ASKED; turn++) {
      const start = performance.now();
      const { data, error } = await tables(client);
      if (error) throw new Error(`Cannot ask for ${title}: ${error.message}`);
      times.push(performance.now() - start);
      rows = data!.length;
    }
    compared.push({
      title,
      store: await askStore(client, table, store, limitMs),
      tables: { ms: median(times), rows },
    });
  }
  return compared;
}
