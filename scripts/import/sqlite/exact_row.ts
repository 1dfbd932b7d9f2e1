import type { Source } from "./open_source.ts";
import type { RawRow } from "./prepare_rows.ts";

/** A value of a SQLite file, carried over exactly. */
export type Cell = null | bigint | number | string | Uint8Array | Damaged;

/** A text that no text of Postgres can hold. */
export interface Damaged {
  readonly damage: string;
  readonly bytes: Uint8Array;
}

const STRICT = { fatal: true, ignoreBOM: true };
const DECODERS: Readonly<Record<Source["encoding"], TextDecoder>> = {
  "utf-8": new TextDecoder("utf-8", STRICT),
  "utf-16le": new TextDecoder("utf-16le", STRICT),
  "utf-16be": new TextDecoder("utf-16be", STRICT),
};

/**
 * Turns a row that was read exactly into its cells: texts are decoded, and those that cannot be say
 * why.
 *
 * @param raw A row of an exact query: what names it, cells, and the letters of their classes.
 * @returns The cells alone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array([97, 0, 98]);
 * assertEquals(exactRow([7n, bytes, bytes, 1n, "tbi"], "utf-8"), [
 *   { damage: "a text with a NUL character", bytes },
 *   bytes,
 *   1n,
 * ]);
 * ```
 */
export function exactRow(raw: RawRow, encoding: Source["encoding"]): Cell[] {
  const classes = raw.at(-1) as string;
  return raw.slice(1, -1).map((cell, place) =>
    classes[place] === "t" ? decoded(cell as Uint8Array, encoding) : cell
  );
}

function decoded(bytes: Uint8Array, encoding: Source["encoding"]): string | Damaged {
  try {
    const text = DECODERS[encoding].decode(bytes);
    if (!text.includes("\0")) return text;
    return { damage: "a text with a NUL character", bytes };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { damage: `a text that is not ${encoding.toUpperCase()}`, bytes };
  }
}
