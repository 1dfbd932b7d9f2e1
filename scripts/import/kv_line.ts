/** What a line of a store's file is. */
export type KvLine =
  | { readonly kind: "record" }
  | { readonly kind: "blank" }
  | { readonly kind: "malformed"; readonly why: string };

/** What a line of an export of rejects holds beside key and value. */
const EXPORTED = ["entity", "reasons"];

/**
 * Judges a line, which must hold `{"key": …, "value": …}` and nothing else.
 *
 * @param options With `merge` a line may be one of an export of rejects, whose members `entity`
 * and `reasons` say nothing to a store.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(kvLine('{"key":"clients:all","value":[]}').kind, "record");
 * assertEquals(kvLine('{"key":7,"value":[]}'), {
 *   kind: "malformed",
 *   why: "its key is not a string",
 * });
 * assertEquals(
 *   kvLine('{"entity":"clients","key":"client:1","reasons":["…"],"value":{}}', { merge: true }).kind,
 *   "record",
 * );
 * ```
 */
export function kvLine(text: string, { merge }: { merge: boolean } = { merge: false }): KvLine {
  if (text.trim() === "") return { kind: "blank" };
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    return malformed(`it is not JSON (${message.replace(/ \(line .*\)$/, "")})`);
  }
  if (Array.isArray(record)) {
    return malformed("it is a JSON array; write one record a line, as jq -c '.[]' does");
  }
  if (typeof record !== "object" || record === null) return malformed("it is not a JSON object");
  if (!Object.hasOwn(record, "key")) return malformed("it has no key");
  if (!Object.hasOwn(record, "value")) return malformed("it has no value");

  const { key, value, ...others } = record as { key: unknown; value: unknown };
  if (typeof key !== "string") return malformed("its key is not a string");
  const exported = EXPORTED.filter((member) => Object.hasOwn(others, member));
  const other = Object.keys(others).find((member) => !merge || !EXPORTED.includes(member));
  if (other !== undefined) {
    const advice = exported.length > 0 && !merge ? "; rejects are imported with --merge" : "";
    return malformed(`it has a member ${JSON.stringify(other)} beside key and value${advice}`);
  }
  if (exported.length > 0 && value === null) {
    return malformed("its value is null, as the export leaves a row that was not kept");
  }
  return { kind: "record" };
}

function malformed(why: string): KvLine {
  return { kind: "malformed", why };
}
