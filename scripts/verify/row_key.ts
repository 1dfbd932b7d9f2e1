import { hash } from "node:crypto";
import type { Cell } from "../import/sqlite/exact_row.ts";
import type { Row } from "../import/sqlite/read_rows.ts";
import { realText } from "../import/sqlite/real_text.ts";

/** A part of a row's key. */
export interface KeyPart {
  /** Where its cell stands in a row. */
  readonly place: number;
  /** Whether it is staged as bytes, and stands as their hexadecimal digits. */
  readonly bytes: boolean;
  /** Whether it must not be shown, and stands as its md5. */
  readonly secret: boolean;
}

/**
 * Makes the function that gives a row's source key, as a generated transform does: its key; the
 * parts as SQL writes texts where there are several; its rowid where it has no key, or NULL in it.
 *
 * @returns It gives undefined for a key that is not staged.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const part = { bytes: false, secret: false };
 * const one = [{ ...part, place: 1 }];
 *
 * assertEquals(rowKey(one)([7n, "a"]), "a");
 * assertEquals(rowKey(one)([7n, null]), "rowid 7");
 * assertEquals(rowKey([...one, { ...part, place: 2 }])([7n, "it's", 2n]), "'it''s','2'");
 * assertEquals(rowKey([])([7n, "a"]), "7");
 * ```
 */
export function rowKey(parts: readonly KeyPart[]): (row: Row) => string | undefined {
  const [only, another] = parts;
  return (row) => {
    if (only === undefined) return String(row[0]);
    const texts = parts.map((part) => textOf(row[part.place]!, part));
    if (texts.includes(undefined)) return undefined;
    if (texts.includes(null)) return `rowid ${row[0]}`;
    return another === undefined ? texts[0]! : texts.map((text) => quotedText(text!)).join(",");
  };
}

function textOf(cell: Cell, { bytes, secret }: KeyPart): string | null | undefined {
  if (cell === null) return null;
  if (bytes) {
    if (!(cell instanceof Uint8Array)) return undefined;
    return secret ? hash("md5", cell, "hex") : cell.toHex();
  }
  const text = typeof cell === "string"
    ? cell
    : typeof cell === "bigint"
    ? cell.toString()
    : typeof cell === "number"
    ? realText(cell)
    : undefined;
  return secret && text !== undefined ? hash("md5", text, "hex") : text;
}

/** As quote_literal() of Postgres. */
function quotedText(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
