import type { Expr } from "./parse_sqlite.ts";

/**
 * Whether COLLATE stands anywhere in an expression: SQLite then compares what is computed from it
 * by that collation as well.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 *
 * const where = (sql: string) => {
 *   const index = parseStatement(`create index i on t (a) where ${sql}`);
 *   return (index?.type === "CreateIndexStmt" && index.whereClause)!;
 * };
 * assert(hasCollate(where("iif(a = 'x' collate nocase, 1, 2)") || fail()));
 * assertFalse(hasCollate(where("iif(a = 'x', 1, 2)") || fail()));
 *
 * function fail(): never {
 *   throw new Error("it was not parsed");
 * }
 * ```
 */
export function hasCollate(expression: Expr): boolean {
  return holds(expression);
}

function holds(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(holds);
  if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return false;
  return ("type" in node && node.type === "CollateExpr") || Object.values(node).some(holds);
}
