/** What a line of a store's file is. */
export type KvLine =
  | { readonly kind: "record" }
  | { readonly kind: "blank" }
  | { readonly kind: "malformed"; readonly why: string };

/**
 * Judges a line, which must hold `{"key": …, "value": …}` and nothing else.
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
 * ```
 */
export function kvLine(text: string): KvLine {
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

  const { key, value: _value, ...others } = record as { key: unknown; value: unknown };
  if (typeof key !== "string") return malformed("its key is not a string");
  const [other] = Object.keys(others);
  if (other !== undefined) {
    return malformed(`it has a member ${JSON.stringify(other)} beside key and value`);
  }
  return { kind: "record" };
}

function malformed(why: string): KvLine {
  return { kind: "malformed", why };
}
