/** What a declared type says that a column is meant to hold. */
export interface Declaration {
  readonly means:
    | "text"
    | "integer"
    | "real"
    | "numeric"
    | "boolean"
    | "uuid"
    | "json"
    | "bytes"
    | "date"
    | "time"
    | undefined;
  /** What stands in its parentheses: `varchar(20)`, `decimal(10, 2)`. */
  readonly sizes: readonly number[];
}

const MEANINGS: readonly [RegExp, Declaration["means"]][] = [
  [/^bool/, "boolean"],
  [/^jsonb?$/, "json"],
  [/^(uuid|guid|uniqueidentifier)$/, "uuid"],
  [/^date$/, "date"],
  [/^(datetime|timestamp)/, "time"],
  [/int|serial/, "integer"],
  [/^(decimal|numeric|dec|money|number)/, "numeric"],
  [/char|clob|text|string/, "text"],
  [/blob|binary|bytea/, "bytes"],
  [/real|floa|doub/, "real"],
];

/**
 * Reads a declared type, which SQLite itself hardly looks at, as people mean it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(declaration("DECIMAL(10, 2)"), { means: "numeric", sizes: [10, 2] });
 * assertEquals(declaration("unsigned big int"), { means: "integer", sizes: [] });
 * assertEquals(declaration(""), { means: undefined, sizes: [] });
 * ```
 */
export function declaration(declared: string): Declaration {
  const [, name = "", sizes = ""] = /^([^(]*)(?:\(([^)]*)\))?/.exec(declared.toLowerCase())!;
  const means = MEANINGS.find(([pattern]) => pattern.test(name.trim()))?.[1];
  return { means, sizes: sizes.match(/\d+/g)?.map(Number) ?? [] };
}
