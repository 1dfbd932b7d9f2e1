import { type Stmt, withOptions } from "sqlite3-parser";

export type {
  CaseExpr,
  CastExpr,
  ColumnConstraint,
  ColumnDefinition,
  CreateIndexStmt,
  CreateTableStmt,
  Expr,
  ForeignKeyClause,
  FunctionCallExpr,
  InListExpr,
  LikeExpr,
  Operator,
  SortedColumn,
  Stmt,
  TableConstraint,
} from "sqlite3-parser";

/** Since 3.46 SQLite reads 1_000; the parser takes the separators out of the literal's value. */
const parser = withOptions({ digitSeparator: "_" });

/**
 * Parses a statement by SQLite's own grammar.
 *
 * Offsets of the nodes' spans count as JavaScript's strings do, so `sql.slice(offset, offset +
 * length)` is a node's text.
 *
 * @param sql One statement, as `sqlite_schema` holds it.
 * @returns Nothing when the grammar does not take it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseStatement("create table t (a)")?.type, "CreateTableStmt");
 * assertEquals(parseStatement("create table t ("), undefined);
 * ```
 */
export function parseStatement(sql: string): Stmt | undefined {
  const parsed = parser.parseStmt(sql);
  return parsed.status === "ok" ? parsed.root : undefined;
}
