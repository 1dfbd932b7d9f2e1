import { asCondition } from "./as_condition.ts";
import type { Expr } from "./parse_sqlite.ts";
import { type Columns, enclosed, LEVEL, type Refused } from "./term.ts";
import { translateTerm } from "./translate_term.ts";

/** What became of an expression. */
export type Translation =
  | { readonly kind: "translated"; readonly sql: string; readonly remark?: string }
  /** A check that the types in Postgres make, so that nothing is left of it. */
  | { readonly kind: "implied"; readonly why: string }
  | Refused;

/**
 * Translates a condition: of a check, which passes unless it is false, or of a partial index, which
 * takes a row only if it is true.
 *
 * Of a check, the parts that the types in Postgres make always pass are left out, as `enabled in
 * (0, 1)` for a boolean column.
 *
 * @param columns Those of the table, by their lower-cased names in SQLite.
 * @param place What the condition is for.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 * import type { ExpressionColumn } from "./term.ts";
 *
 * const index = parseStatement("create index i on t (a) where enabled in (0, 1) and a");
 * if (index?.type !== "CreateIndexStmt") throw new Error("it was not parsed");
 * const column = { converted: false, collation: "binary", affinity: "integer" } as const;
 * const columns = new Map<string, ExpressionColumn>([
 *   ["a", { ...column, sql: "a", kind: "integer" }],
 *   ["enabled", { ...column, sql: "enabled", kind: "boolean", converted: true }],
 * ]);
 * assertEquals(translateCondition(index.whereClause!, columns, "check"), {
 *   kind: "translated",
 *   sql: "a <> 0",
 * });
 * ```
 */
export function translateCondition(
  expression: Expr,
  columns: Columns,
  place: "check" | "index" = "check",
): Translation {
  const needed = [];
  const parts = conjuncts(expression);
  for (const part of parts) {
    const term = translateTerm(part, columns);
    const condition = term.kind === "refused" ? term : asCondition(term);
    if (condition.kind === "refused") return condition;
    if (place === "index" || !condition.neverFalse) needed.push(condition);
  }
  const [only, ...others] = needed;
  if (only === undefined) {
    return { kind: "implied", why: "every value that the types in Postgres allow passes it" };
  }
  if (others.length === 0) return { kind: "translated", sql: only.sql };
  const sql = needed.map((condition) => enclosed(condition, LEVEL.and)).join(" and ");
  return { kind: "translated", sql };
}

function conjuncts(expression: Expr): readonly Expr[] {
  if (expression.type === "ParenthesizedExpr" && expression.exprs.length === 1) {
    return conjuncts(expression.exprs[0]!);
  }
  if (expression.type !== "BinaryExpr" || expression.op !== "And") return [expression];
  return [...conjuncts(expression.left), ...conjuncts(expression.right)];
}
