import { literalTerm } from "./literal_term.ts";
import { refused } from "./refused.ts";
import { type Columns, type ExpressionColumn, LEVEL, type Refused, type Term } from "./term.ts";

/** Kinds whose values never are those of SQLite, which has no such types. */
const OWN = new Set(["time", "date", "uuid", "json"]);
const ROW_ID = new Set(["rowid", "oid", "_rowid_"]);

/**
 * The term of a name. One in double quotes that is no column is a text: SQLite reads it so in every
 * schema, for the sake of old ones.
 *
 * @param quoted Whether the name was in quotes of any sort.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameTerm("draft", true, new Map()).kind, "text");
 * assertEquals(nameTerm("true", false, new Map()).kind, "boolean");
 * assertEquals(nameTerm("rowid", false, new Map()).kind, "refused");
 * ```
 */
export function nameTerm(name: string, quoted: boolean, columns: Columns): Term | Refused {
  const key = name.toLowerCase();
  const column = columns.get(key);
  if (column !== undefined) return columnTerm(column);
  if (ROW_ID.has(key)) return refused(`${name} is SQLite's number of the row`);
  if (quoted) return literalTerm({ text: name });
  if (key === "true" || key === "false") {
    const literal = key === "true" ? 1n : 0n;
    return { kind: "boolean", sql: key, level: LEVEL.primary, literal, neverFalse: literal === 1n };
  }
  return refused(`there is no column ${name}`);
}

function columnTerm(column: ExpressionColumn): Term {
  const { sql, kind, affinity, collation } = column;
  const number = kind === "integer" || kind === "real" || kind === "numeric";
  const term = {
    kind,
    sql,
    level: LEVEL.primary,
    column,
    affinity,
    collation: { name: collation.toLowerCase(), explicit: false },
  };
  if (kind === "boolean") {
    // false and true stand for 0 and 1, unless they were texts or reals
    const opaque = affinity === "text" || affinity === "real";
    return { ...term, opaque, trueFor: { column: sql, values: [1] } };
  }
  return {
    ...term,
    opaque: column.converted || OWN.has(kind) || (number && affinity === "text"),
    mixed: number && isMixed(column),
  };
}

function isMixed({ kind, affinity, classes }: ExpressionColumn): boolean {
  if (kind === "numeric") return true;
  if (kind === "integer") return affinity === "real" || classes?.has("real") === true;
  return affinity !== "real" && classes?.has("integer") !== false;
}
