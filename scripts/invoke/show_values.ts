import { printable } from "./printable.ts";

const NULL = "(null)";
/** Characters of a value that are shown. */
const WIDTH = 40;
/** Characters before the first difference that are shown. */
const LEAD = 10;

/**
 * Shows two values that differ, so that one sees where.
 *
 * Long ones are cut around the first difference. A text that a terminal or an eye would not tell
 * from another is quoted.
 *
 * @param expected What should be there; null is SQL's.
 * @param actual What is there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(showValues("Ann", null), ["Ann", "(null)"]);
 * assertEquals(showValues("Ann", "Ann "), ["Ann", '"Ann "']);
 * assertEquals(showValues(`${"x".repeat(90)}1`, `${"x".repeat(90)}2`), [
 *   "…xxxxxxxxxx1",
 *   "…xxxxxxxxxx2",
 * ]);
 * ```
 */
export function showValues(expected: string | null, actual: string | null): [string, string] {
  const from = firstShown(expected ?? "", actual ?? "");
  return [show(expected, from), show(actual, from)];
}

/** Where both values begin to be shown, in characters. */
function firstShown(one: string, other: string): number {
  const [ones, others] = [[...one], [...other]];
  if (Math.max(ones.length, others.length) <= WIDTH) return 0;
  const equal = ones.findIndex((character, place) => character !== others[place]);
  return Math.max(0, (equal === -1 ? ones.length : equal) - LEAD);
}

function show(value: string | null, from: number): string {
  if (value === null) return NULL;
  const characters = [...value];
  const shown = characters.slice(from, from + WIDTH).join("");
  const plain = shown !== "" && shown !== NULL && shown.trim() === shown &&
    !shown.startsWith('"') && printable(shown) === shown;
  return [
    from > 0 ? "…" : "",
    plain ? shown : printable(JSON.stringify(shown)),
    characters.length > from + WIDTH ? "…" : "",
  ].join("");
}
