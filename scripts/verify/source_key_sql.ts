/** A column of a staging table that is part of a row's key. */
export interface KeyColumn {
  /** The column, as SQL. */
  readonly column: string;
  /** Whether it is bytes, and stands as their hexadecimal digits. */
  readonly bytes: boolean;
  /** Whether it must not be shown, and stands as its md5. */
  readonly secret: boolean;
}

/**
 * Writes the expression that names a row: its key, or its parts as SQL writes texts; its rowid where
 * it has no key, or where a part of that is NULL. {@linkcode rowKey} gives the same of the file.
 *
 * @param rowId The staging column that holds the rowid, as SQL, where there is one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const part = { bytes: false, secret: false };
 *
 * assertEquals(sourceKeySql([{ ...part, column: "id" }], undefined), "id");
 * assertEquals(
 *   sourceKeySql([{ ...part, column: "a" }, { ...part, column: "b" }], "rowid"),
 *   "coalesce(quote_literal(a) || ',' || quote_literal(b), 'rowid ' || rowid)",
 * );
 * ```
 */
export function sourceKeySql(parts: readonly KeyColumn[], rowId: string | undefined): string {
  const texts = parts.map(({ column, bytes, secret }) =>
    secret ? `md5(${column})` : bytes ? `encode(${column}, 'hex')` : column
  );
  if (texts.length === 0) return rowId!;
  const key = texts.length === 1
    ? texts[0]!
    : texts.map((text) => `quote_literal(${text})`).join(" || ',' || ");
  return rowId === undefined ? key : `coalesce(${key}, 'rowid ' || ${rowId})`;
}
