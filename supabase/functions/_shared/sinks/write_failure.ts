import type { Failure } from "./document_sink.ts";

/** What the server says of one write of many. */
export interface RefusedWrite {
  readonly code: number;
  readonly errmsg?: string | undefined;
  readonly errInfo?: unknown;
}

const DUPLICATE_KEY = 11000;
const VALIDATION_FAILED = 121;
const TOO_LARGE = [10334, 17419, 17420];
export const TOO_LARGE_REASON = "it is larger than the 16 MB that MongoDB takes";

/**
 * Puts a refused write into a reason that can be counted, without the document's values, and the
 * server's own words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const failure = writeFailure({ code: 121, errmsg: "Document failed validation" }, "tasks");
 *
 * assertEquals(failure, {
 *   kind: "refused",
 *   reason: "the validator of tasks refuses it",
 *   details: "Document failed validation",
 * });
 * ```
 */
export function writeFailure(error: RefusedWrite, collection: string): Failure {
  const { code, errmsg = "", errInfo } = error;
  const refused = (reason: string): Failure => ({
    kind: "refused",
    reason,
    details: [errmsg, errInfo && JSON.stringify(errInfo)].filter(Boolean).join(" "),
  });

  if (code === DUPLICATE_KEY) {
    const index = /index: (.+?) dup key/.exec(errmsg)?.[1] ?? "unknown";
    if (index === "_id_") return { kind: "conflict" };
    return refused(`another document of ${collection} has its place in the unique index ${index}`);
  }
  if (code === VALIDATION_FAILED) return refused(`the validator of ${collection} refuses it`);
  if (TOO_LARGE.includes(code)) return refused(TOO_LARGE_REASON);
  return refused(`MongoDB refuses it with code ${code}`);
}
