import type { Expr } from "./parse_sqlite.ts";

/**
 * Writes an expression in one way, so that patterns can tell what an idiom is: in lower case but
 * for its texts, without blanks, an operation always in parentheses.
 *
 * @returns Nothing for an expression with something else than calls, numbers, texts, casts and
 * arithmetic.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 *
 * const index = parseStatement("create index i on t (a) where (UNIXEPOCH() * 1000)");
 * if (index?.type !== "CreateIndexStmt") throw new Error("it was not parsed");
 * assertEquals(canonicalText(index.whereClause!), "(unixepoch()*1000)");
 * ```
 */
export function canonicalText(expression: Expr): string | undefined {
  switch (expression.type) {
    case "NumericLiteral":
      return expression.value;
    case "StringLiteral":
      return `'${expression.value}'`;
    case "Id":
      // no column stands in a default: in double quotes it is a text
      return `'${expression.name}'`;
    case "CurrentTimestampLiteral":
      return "datetime('now')";
    case "CurrentDateLiteral":
      return "date('now')";
    case "CurrentTimeLiteral":
      return "time('now')";
    case "ParenthesizedExpr":
      return expression.exprs.length === 1 ? canonicalText(expression.exprs[0]!) : undefined;
    case "BinaryExpr": {
      const operator =
        { Add: "+", Subtract: "-", Multiply: "*", Divide: "/" }[expression.op as string];
      const [left, right] = [canonicalText(expression.left), canonicalText(expression.right)];
      return operator && left && right && `(${left}${operator}${right})`;
    }
    case "CastExpr": {
      const inner = canonicalText(expression.expr);
      return inner && `cast(${inner} as ${expression.typeName?.name.toLowerCase()})`;
    }
    case "FunctionCallExpr": {
      const { name, args = [], distinctness, orderBy, filterOver } = expression;
      const given = args.map(canonicalText);
      if (distinctness || orderBy || filterOver || given.includes(undefined)) return undefined;
      return `${name.name.toLowerCase()}(${given.join(",")})`;
    }
    default:
      return undefined;
  }
}
