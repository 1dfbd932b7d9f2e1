/**
 * Translates a pattern of GLOB to a regular expression of Postgres, whose dot takes line breaks.
 *
 * @returns Nothing for a pattern that no text is like, as one with a `[` that is not closed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(globPattern("[A-Z]?.*"), String.raw`^[A-Z].\.`);
 * assertEquals(globPattern("*[^0-9]*"), "[^0-9]");
 * assertEquals(globPattern("[a"), undefined);
 * ```
 */
export function globPattern(glob: string): string | undefined {
  const characters = [...glob];
  const parts = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*") {
      if (parts.at(-1) !== ".*") parts.push(".*");
    } else if (character === "?") {
      parts.push(".");
    } else if (character === "[") {
      const set = readSet(characters, at + 1);
      if (set === undefined) return undefined;
      parts.push(set.pattern);
      at = set.end;
    } else {
      parts.push(escaped(character));
    }
  }
  // what may begin or end with anything needs no anchor
  const [first, last] = [parts[0] === ".*", parts.at(-1) === ".*" && parts.length > 1];
  const middle = parts.slice(first ? 1 : 0, last ? -1 : undefined).join("");
  return `${first ? "" : "^"}${middle}${last || (first && parts.length === 1) ? "" : "$"}`;
}

/** A set, read as SQLite does: a `]` at its beginning is a character, a `-` after a range too. */
function readSet(characters: readonly string[], start: number) {
  let at = start;
  const not = characters[at] === "^";
  if (not) at++;
  const items = [];
  let before: string | undefined;
  if (characters[at] === "]") {
    items.push(escaped("]"));
    at++;
  }
  for (; at < characters.length && characters[at] !== "]"; at++) {
    const character = characters[at]!;
    const next = characters[at + 1];
    if (character === "-" && before !== undefined && next !== undefined && next !== "]") {
      if (next.codePointAt(0)! < before.codePointAt(0)!) return undefined;
      items.push(`-${escaped(next)}`);
      before = undefined;
      at++;
    } else {
      items.push(escaped(character));
      before = character;
    }
  }
  if (at >= characters.length) return undefined;
  return { pattern: `[${not ? "^" : ""}${items.join("")}]`, end: at };
}

function escaped(character: string): string {
  return /[\w\s]|[^\0-\x7f]/.test(character) || character === "@" || character === "/"
    ? character
    : `\\${character}`;
}
