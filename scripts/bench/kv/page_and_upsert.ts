/**
 * What a careful person writes: the store is paged by key, a thousand records at a time, converted
 * here, and upserted a thousand rows at a time, so that memory stays flat.
 *
 * @module
 */
import type { SupabaseClient } from "../../demo/kv/data_api.ts";
import { FAMILIES, type Family } from "./families.ts";
import { reportScript } from "./report_script.ts";
import { toRow } from "./to_row.ts";

/** The most that the Data API answers. */
const PAGE = 1_000;

await reportScript(async (client, store) => {
  let rows = 0;
  for (const family of FAMILIES) {
    for await (const page of pages(client, store, family)) {
      const { error } = await client.from(family.table).upsert(page);
      if (error) throw new Error(`Cannot upsert ${family.table}: ${error.message}`);
      rows += page.length;
    }
  }
  return rows;
});

async function* pages(client: SupabaseClient, store: string, family: Family) {
  let last = family.prefix;
  while (true) {
    const { data, error } = await client.from(store).select("key, value")
      .like("key", `${family.prefix}%`).gt("key", last).order("key").limit(PAGE);
    if (error) throw new Error(`Cannot read ${store}: ${error.message}`);
    if (data.length === 0) return;
    last = data.at(-1)!.key;
    yield data.filter(({ key }) => key !== family.list).map(({ value }) => toRow(family, value));
  }
}
