/** A word of SQL. */
export interface Word {
  /** As it is written. */
  readonly text: string;
  /** In lower case, unless it stands in quotes; punctuation as it is. */
  readonly name: string;
  readonly quoted: boolean;
}

const TOKEN =
  /(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*(?:("(?:[^"]|"")*")|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\S))/y;

/**
 * Reads the first words of a statement, comments aside.
 *
 * @param count At most so many.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const words = statementWords('-- Data\nCOPY public."Leads" (id) FROM stdin;', 4);
 * assertEquals(words.map(({ name }) => name), ["copy", "public", ".", "Leads"]);
 * ```
 */
export function statementWords(statement: string, count: number): Word[] {
  const words: Word[] = [];
  TOKEN.lastIndex = 0;
  while (words.length < count) {
    const [, name, word, other] = TOKEN.exec(statement) ?? [];
    if (name !== undefined) {
      words.push({ text: name, name: name.slice(1, -1).replaceAll('""', '"'), quoted: true });
    } else if (word !== undefined) {
      words.push({ text: word, name: word.toLowerCase(), quoted: false });
    } else if (other !== undefined) {
      words.push({ text: other, name: other, quoted: false });
    } else break;
  }
  return words;
}
