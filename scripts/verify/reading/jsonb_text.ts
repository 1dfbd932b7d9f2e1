import { numericText } from "./numeric_text.ts";
import { sortedByKey } from "./sorted_by_key.ts";

/** Where a document is being read. Its syntax has been checked by then. */
interface Scan {
  readonly json: string;
  at: number;
  depth: number;
  /** How many digits its numbers have when they are written out. */
  digits: number;
  refused: boolean;
}

/** Postgres goes deeper, by as much as its stack holds. */
const MOST_DEPTH = 1_000;
/** No shorter document can be larger than the 256 MB that a jsonb holds. */
const MOST_LENGTH = 2 ** 25;
const MOST_DIGITS = 2 ** 28;

/**
 * Writes a JSON document as Postgres prints it as a jsonb: keys by the length of their bytes, then
 * by their bytes; of equal keys the last; numbers as numerics.
 *
 * @returns Nothing for what Postgres refuses, such as \u0000, half a surrogate pair or a number that
 * is too large, and for what is too deep or too long to tell.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(jsonbText('{"bb":1.50,"a":[1e2,"\\u00e9"],"a":null}'), '{"a": null, "bb": 1.50}');
 * assertEquals(jsonbText('"\\u0000"'), undefined);
 * ```
 */
export function jsonbText(json: string): string | undefined {
  if (json.length > MOST_LENGTH || !isJson(json)) return undefined;
  const scan = { json, at: 0, depth: 0, digits: 0, refused: false };
  const text = value(scan);
  return scan.refused ? undefined : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function value(scan: Scan): string {
  switch (next(scan)) {
    case "{":
      return nested(scan, object);
    case "[":
      return nested(scan, array);
    case '"':
      return string(scan).text;
    case "t":
    case "n":
      return scan.json.slice(scan.at, scan.at += 4);
    case "f":
      return scan.json.slice(scan.at, scan.at += 5);
    default:
      return number(scan);
  }
}

/** Skips blanks, and shows what follows. */
function next(scan: Scan): string | undefined {
  while (scan.json.charCodeAt(scan.at) <= 0x20) scan.at++;
  return scan.json[scan.at];
}

function nested(scan: Scan, write: (scan: Scan) => string): string {
  if (++scan.depth > MOST_DEPTH) scan.refused = true;
  scan.at++;
  const text = scan.refused ? "" : write(scan);
  scan.depth--;
  return text;
}

function array(scan: Scan): string {
  let text = "";
  while (next(scan) !== "]" && !scan.refused) {
    text += text === "" ? value(scan) : `, ${value(scan)}`;
    if (next(scan) === ",") scan.at++;
  }
  scan.at++;
  return `[${text}]`;
}

function object(scan: Scan): string {
  const members = new Map<string, string>();
  while (next(scan) === '"' && !scan.refused) {
    const { content: key, text } = string(scan);
    next(scan);
    scan.at++;
    members.set(key, `${text}: ${value(scan)}`);
    if (next(scan) === ",") scan.at++;
  }
  scan.at++;
  return `{${sortedByKey(members).join(", ")}}`;
}

function string(scan: Scan): { content: string; text: string } {
  const { json, at } = scan;
  let end = json.indexOf('"', at + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  scan.at = end + 1;
  const text = json.slice(at, scan.at);
  if (!text.includes("\\")) return { content: text.slice(1, -1), text };
  const content: string = JSON.parse(text);
  if (content.includes("\0") || !content.isWellFormed()) scan.refused = true;
  return { content, text: JSON.stringify(content) };
}

function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json[first - 1] === "\\") first--;
  return (at - first) % 2 === 1;
}

function number(scan: Scan): string {
  const { json, at } = scan;
  while (isOfNumber(json.charCodeAt(scan.at))) scan.at++;
  const text = numericText(json.slice(at, scan.at));
  scan.digits += text?.length ?? Infinity;
  if (scan.digits > MOST_DIGITS) scan.refused = true;
  return text ?? "";
}

/** Whether a character is one of 0123456789-+.eE. */
function isOfNumber(code: number): boolean {
  return code >= 0x30 && code <= 0x39 || code === 0x2d || code === 0x2e || code === 0x65 ||
    code === 0x45 || code === 0x2b;
}
