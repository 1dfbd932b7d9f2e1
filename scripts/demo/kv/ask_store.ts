import type { SupabaseClient } from "./data_api.ts";

/** What an app must read of its store to answer a question. */
export interface Reading {
  /** The key of a list of ids. */
  readonly list: string;
  /** What stands before an id in a record's key. */
  readonly prefix: string;
  /** The share of the list that is read: all of it, or half until one record is found. */
  readonly share: number;
}

/** How long reading took. */
export interface Asked {
  readonly requests: number;
  readonly ms: number;
  /** Not everything was read: the time is scaled from what was. */
  readonly scaled: boolean;
}

/** As many as PostgREST's pool has connections, and more than a browser opens. */
const AT_A_TIME = 10;

/**
 * Reads a store as apps do that keep everything in one: the list of ids, then one request a key,
 * ten at a time. Which records are wanted shows only when they are there.
 *
 * @param limitMs After this the rest is not read, and the time is scaled.
 */
export async function askStore(
  client: SupabaseClient,
  table: string,
  { list, prefix, share }: Reading,
  limitMs: number,
): Promise<Asked> {
  const get = async (key: string) => {
    const { data, error } = await client.from(table).select("value").eq("key", key).maybeSingle();
    if (error) throw new Error(`Cannot read ${key} of ${table}: ${error.message}`);
    return data?.value;
  };

  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const ids: string[] = await get(list);
  const wanted = ids.slice(0, Math.ceil(ids.length * share));
  let read = 0;
  const readOn = async () => {
    while (read < wanted.length && elapsed() < limitMs) await get(prefix + wanted[read++]);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, readOn));
  return {
    requests: wanted.length + 1,
    ms: elapsed() * (wanted.length + 1) / (read + 1),
    scaled: read < wanted.length,
  };
}
