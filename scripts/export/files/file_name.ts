/**
 * The name of a collection's file. What a file's name should not have is percent-encoded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fileName("tasks", true), "tasks.ndjson.gz");
 * assertEquals(fileName("../app/tasks", false), "%2E.%2Fapp%2Ftasks.ndjson");
 * ```
 */
export function fileName(collection: string, gzip: boolean): string {
  const safe = encodeURIComponent(collection).replace(/^\./, "%2E");
  return `${safe}.ndjson${gzip ? ".gz" : ""}`;
}
