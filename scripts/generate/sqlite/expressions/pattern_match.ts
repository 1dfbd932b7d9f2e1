import { asText } from "./as_text.ts";
import { foldAscii } from "./fold_ascii.ts";
import { globPattern } from "./glob_pattern.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, type Refused, type Term } from "./term.ts";
import { textLiteral } from "./text_literal.ts";

/** LIKE or GLOB with a pattern that is known. */
export interface Pattern {
  readonly operator: "Like" | "Glob";
  readonly pattern: string;
  readonly escape?: string;
  readonly not: boolean;
}

/**
 * Matches a text with a pattern of LIKE, which does not tell A to Z from a to z in SQLite, or of
 * GLOB, which becomes a regular expression.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const name: Term = { kind: "text", sql: "name", level: LEVEL.primary };
 * const sql = (operator: "Like" | "Glob", pattern: string) => {
 *   const term = patternMatch(name, { operator, pattern, not: false });
 *   return term.kind === "refused" ? term.why : term.sql;
 * };
 * assertEquals(sql("Like", "Dr. %"), `lower(name collate "C") like 'dr. %'`);
 * assertEquals(sql("Like", "____-__"), "name like '____-__'");
 * assertEquals(sql("Glob", "[A-Z]*"), "name ~ '^[A-Z]'");
 * ```
 */
export function patternMatch(term: Term, match: Pattern): Term | Refused {
  const text = asText(term);
  if (text.kind === "refused") return text;
  if (text.kind === "null") return { kind: "null", sql: "null", level: LEVEL.primary };
  const { operator, pattern, not } = match;
  if (pattern.includes("\0")) return refused("a text has the character NUL");
  if (operator === "Like") return like(text, match);
  const regex = globPattern(pattern);
  if (regex === undefined) return refused(`no text is like the pattern ${pattern} of GLOB`);
  return {
    kind: "boolean",
    sql: `${enclosed(text, LEVEL.other + 1)} ${not ? "!~" : "~"} ${textLiteral(regex)}`,
    level: LEVEL.other,
  };
}

function like(text: Term, { pattern, escape, not }: Pattern): Term | Refused {
  if (escape !== undefined && !isEscape(pattern, escape)) {
    return refused(`the pattern ${pattern} escapes by ${escape} what Postgres would not`);
  }
  const folds = /[a-z]/i.test(pattern);
  const subject = folds
    ? `lower(${enclosed(text, LEVEL.collate)} collate "C")`
    : enclosed(text, LEVEL.other);
  // SQLite has no character that escapes unless one is said, Postgres has the backslash
  const escapes = escape !== undefined
    ? ` escape ${textLiteral(escape)}`
    : pattern.includes("\\")
    ? " escape ''"
    : "";
  return {
    kind: "boolean",
    sql: `${subject} ${not ? "not " : ""}like ${textLiteral(foldAscii(pattern))}${escapes}`,
    level: LEVEL.like,
  };
}

/** Whether the escaping character is one for both, and always followed by what it escapes. */
function isEscape(pattern: string, escape: string): boolean {
  if (!/^[!-/:-@[-`{-~]$/.test(escape) || escape === "%" || escape === "_") return false;
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    if (characters[at] === escape && ++at >= characters.length) return false;
  }
  return true;
}
