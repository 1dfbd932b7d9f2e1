interface Member {
  readonly key: string;
  /** The length of the key in UTF-8. */
  readonly bytes: number;
  readonly text: string;
}

const NOT_ASCII = /[^\0-\x7f]/;
const UTF_8 = new TextEncoder();

/**
 * Puts the members of an object into the order of a jsonb: shorter keys first, then by their bytes.
 *
 * @param members What is to be ordered, by key.
 * @returns The values alone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const members = new Map([["b", "1"], ["aa", "2"], ["é", "3"], ["a", "4"]]);
 * assertEquals(sortedByKey(members), ["4", "1", "2", "3"]);
 * ```
 */
export function sortedByKey(members: ReadonlyMap<string, string>): string[] {
  if (members.size < 2) return [...members.values()];
  return Array.from(members, member).sort(byKey).map(({ text }) => text);
}

function member([key, text]: readonly [string, string]): Member {
  return { key, text, bytes: NOT_ASCII.test(key) ? UTF_8.encode(key).length : key.length };
}

function byKey(a: Member, b: Member): number {
  if (a.bytes !== b.bytes) return a.bytes - b.bytes;
  let at = 0;
  while (a.key.charCodeAt(at) === b.key.charCodeAt(at)) at++;
  return codePointOrder(a.key.charCodeAt(at)) - codePointOrder(b.key.charCodeAt(at));
}

/** In UTF-8 what is written with surrogates comes after everything else. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
