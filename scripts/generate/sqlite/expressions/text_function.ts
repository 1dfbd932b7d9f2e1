import { asText } from "./as_text.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, LONGEST_TEXT, MOST_INTEGER, type Refused, type Term } from "./term.ts";

const TRIM: Readonly<Record<string, string>> = { trim: "btrim", ltrim: "ltrim", rtrim: "rtrim" };

/**
 * Translates a call of a function on texts. They count characters on both sides; SQLite folds and
 * trims only what is ASCII.
 *
 * @param name In lower case.
 * @returns Nothing when there is no such function here.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { literalTerm } from "./literal_term.ts";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const code: Term = { kind: "text", sql: "code", level: LEVEL.primary };
 * const two = literalTerm({ number: "2" }) as Term;
 * const term = textFunction("substr", [code, two]);
 * assertEquals(term && term.kind !== "refused" && term.sql, "substr(code, 2)");
 * assertEquals(textFunction("soundex", [code]), undefined);
 * ```
 */
export function textFunction(name: string, given: readonly Term[]): Term | Refused | undefined {
  switch (`${name}/${given.length}`) {
    case "lower/1":
    case "upper/1":
      return strict(given, ([text]) => `${name}(${enclosed(text!, LEVEL.collate)} collate "C")`);
    case "trim/1":
    case "ltrim/1":
    case "rtrim/1":
      return strict(given, ([text]) => `${name}(${text!.sql})`);
    case "trim/2":
    case "ltrim/2":
    case "rtrim/2":
      return strict(
        given,
        ([text, characters]) => `${TRIM[name]}(${text!.sql}, ${characters!.sql})`,
      );
    case "replace/3":
      // for an empty text to replace, SQLite does not look at what to put in its place
      if (!given[1]!.literal && given[2]!.literal === undefined) {
        return refused("replace() could replace an empty text by NULL");
      }
      return strict(given, (texts) => `replace(${texts.map(({ sql }) => sql).join(", ")})`);
    case "instr/2": {
      const place = strict(given, ([text, part]) => `strpos(${text!.sql}, ${part!.sql})`);
      return place.kind === "text" ? { ...place, kind: "integer", most: LONGEST_TEXT } : place;
    }
    case "substr/2":
    case "substr/3":
    case "substring/2":
    case "substring/3":
      return part(given);
  }
}

/** A call whose arguments are texts, and whose value is NULL when one of them is. */
function strict(
  given: readonly Term[],
  write: (texts: readonly Term[]) => string,
): Term | Refused {
  const texts = [];
  for (const term of given) {
    const text = asText(term);
    if (text.kind === "refused" || text.kind === "null") return text;
    texts.push(text);
  }
  return { kind: "text", sql: write(texts), level: LEVEL.primary };
}

/** SQLite counts from the end by a start below 1, and backwards by a length below 0. */
function part([term, start, length]: readonly Term[]): Term | Refused {
  const whole = (number: Term, least: bigint) =>
    typeof number.literal === "bigint" && number.literal >= least && number.literal <= MOST_INTEGER;
  if (!whole(start!, 1n) || (length !== undefined && !whole(length, 0n))) {
    return refused("substr() has a start or a length that is not a positive constant");
  }
  const rest = length === undefined ? "" : `, ${length.sql}`;
  return strict([term!], ([text]) => `substr(${text!.sql}, ${start!.sql}${rest})`);
}
