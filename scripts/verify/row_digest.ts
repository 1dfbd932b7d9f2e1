import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import type { Row } from "../import/sqlite/read_rows.ts";
import type { DigestColumn } from "./digest_columns.ts";

/** Gives a row's digest; undefined when one of its values does not convert. */
export type RowDigest = (row: Row) => string | undefined;

/**
 * Makes the function that computes, from a row of the file, the digest that Postgres computes from
 * its target: each canonical text with its length in bytes behind it, hashed together.
 *
 * @param places Where each column's cell stands in a row.
 */
export function rowDigest(
  columns: readonly DigestColumn[],
  places: readonly number[],
): RowDigest {
  const readers = columns.map(({ read }) => read);
  return (row) => {
    let text = "";
    for (let nth = 0; nth < readers.length; nth++) {
      const value = readers[nth]!(row[places[nth]!]!);
      if (value === undefined) return undefined;
      text += value === null ? ":-" : `${value}:${Buffer.byteLength(value)}`;
    }
    return hash("md5", text, "hex");
  };
}
