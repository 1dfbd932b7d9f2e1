/**
 * The script that this pipeline replaces: the list of ids, one request a key, the whole entity in
 * memory, then one upsert for all of it.
 *
 * @module
 */
import { FAMILIES } from "./families.ts";
import { reportScript } from "./report_script.ts";
import { toRow } from "./to_row.ts";

await reportScript(async (client, store) => {
  const get = async (key: string) => {
    const { data, error } = await client.from(store).select("value").eq("key", key).maybeSingle();
    if (error) throw new Error(`Cannot read ${key}: ${error.message}`);
    return data?.value;
  };

  let total = 0;
  for (const family of FAMILIES) {
    const rows: Record<string, unknown>[] = [];
    for (const id of await get(family.list)) {
      rows.push(toRow(family, await get(family.prefix + id)));
    }
    const { error } = await client.from(family.table).upsert(rows);
    if (error) throw new Error(`Cannot upsert ${family.table}: ${error.message}`);
    total += rows.length;
  }
  return total;
});
