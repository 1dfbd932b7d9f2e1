import {
  type Expr,
  parseStatement,
} from "../../scripts/generate/sqlite/expressions/parse_sqlite.ts";

/** Parses an expression as an index has it. */
export function parsedExpression(sql: string): Expr {
  const index = parseStatement(`create index i on t (a) where ${sql}`);
  if (index?.type !== "CreateIndexStmt" || !index.whereClause) throw new Error(`no SQL: ${sql}`);
  return index.whereClause;
}
