import type { MigrateKvRequest, MigrateRequest } from "./requests.ts";

/**
 * Says a request for the key-value store in the words of any pipeline.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(kvRequest({ limit: 10, unlisted: "skip" }), {
 *   pipeline: "kv",
 *   limit: 10,
 *   ruleActions: { unlisted: "reject" },
 * });
 * ```
 */
export function kvRequest(request: MigrateKvRequest): MigrateRequest {
  const { unlisted, ...rest } = request;
  if (unlisted !== "skip") return { pipeline: "kv", ...rest };
  return { pipeline: "kv", ...rest, ruleActions: { ...rest.ruleActions, unlisted: "reject" } };
}
