/** A JSON text that Postgres can store, and what had to go for it. */
export interface Storable {
  readonly json: string;
  /** NUL characters taken out. */
  readonly nuls: number;
  /** Halves of characters outside the basic plane, replaced by U+FFFD. */
  readonly halves: number;
}

/** An escape: a whole surrogate pair, any code unit, or a single character. */
const ESCAPE = /\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|u([0-9a-f]{4})|[^u])/gi;
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

/**
 * Takes out of a JSON text what jsonb refuses: NUL characters and lone surrogates.
 *
 * Everything else stays as it is written, so numbers keep every digit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(storable(String.raw`"a\u0000b \ud83d \ud83d\ude00"`), {
 *   json: String.raw`"ab \ufffd \ud83d\ude00"`,
 *   nuls: 1,
 *   halves: 1,
 * });
 * ```
 */
export function storable(json: string): Storable {
  if (!SUSPECT.test(json)) return { json, nuls: 0, halves: 0 };

  let nuls = 0;
  let halves = 0;
  const clean = json.replace(ESCAPE, (escape, _high, _low, unit: string | undefined) => {
    if (unit === "0000") {
      nuls++;
      return "";
    }
    if (unit !== undefined && /^d[89a-f]/i.test(unit)) {
      halves++;
      return "\\ufffd";
    }
    return escape;
  });
  return { json: clean, nuls, halves };
}
