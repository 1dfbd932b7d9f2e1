import { clockDefault } from "./clock_default.ts";
import { type Constant, constantDefault, type DefaultColumn } from "./constant_default.ts";
import type { Expr } from "./parse_sqlite.ts";
import { randomDefault } from "./random_default.ts";
import { randomText } from "./random_text.ts";
import { readClock } from "./read_clock.ts";
import type { Translation } from "./translate_condition.ts";
import { translateValue } from "./translate_value.ts";

const EMPTY_JSON: Readonly<Record<string, string>> = { json_array: "[]", json_object: "{}" };

/**
 * Translates the DEFAULT of a column to one for what the column holds in Postgres.
 *
 * A name there is a text, as in SQLite, but for TRUE and FALSE.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 *
 * const table = parseStatement("create table t (a default current_timestamp)");
 * if (table?.type !== "CreateTableStmt" || !("columns" in table.body)) throw new Error("no table");
 * const [{ constraint }] = table.body.columns[0]!.constraints as [
 *   (typeof table.body.columns)[0]["constraints"][0],
 * ];
 * if (constraint.type !== "DefaultColumnConstraint") throw new Error("no default");
 * assertEquals(translateDefault(constraint.expr, { kind: "time" }), {
 *   kind: "translated",
 *   sql: "now()",
 * });
 * assertEquals(translateDefault(constraint.expr, { kind: "text" }), {
 *   kind: "translated",
 *   sql: "to_char(now() at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS')",
 * });
 * ```
 */
export function translateDefault(expression: Expr, column: DefaultColumn): Translation {
  if (expression.type === "ParenthesizedExpr" && expression.exprs.length === 1) {
    return translateDefault(expression.exprs[0]!, column);
  }
  if (expression.type === "NullLiteral") return { kind: "translated", sql: "null" };
  const constant = constantOf(expression) ??
    (column.kind === "json" ? jsonOf(expression) : undefined);
  if (constant !== undefined) return constantDefault(constant, column);
  const clock = readClock(expression);
  if (clock !== undefined) return clockDefault(clock, column);
  const shape = randomText(expression);
  if (shape !== undefined) return randomDefault(shape, column.kind);
  return translateValue(expression, new Map(), column.kind);
}

function constantOf(expression: Expr): Constant | undefined {
  switch (expression.type) {
    case "NumericLiteral":
      return { number: expression.value };
    case "StringLiteral":
      return { text: expression.value };
    case "BlobLiteral":
      return { bytes: expression.bytes };
    case "Id": {
      const { name, span } = expression;
      if (span.length > name.length || !/^(?:true|false)$/i.test(name)) return { text: name };
      return { number: name.toLowerCase() === "true" ? "1" : "0" };
    }
    case "UnaryExpr": {
      const { op, expr } = expression;
      if (expr.type !== "NumericLiteral" || (op !== "Negative" && op !== "Positive")) {
        return undefined;
      }
      return { number: op === "Negative" ? `-${expr.value}` : expr.value };
    }
  }
}

function jsonOf(expression: Expr): Constant | undefined {
  if (expression.type !== "FunctionCallExpr") return undefined;
  const { args = [] } = expression;
  const name = expression.name.name.toLowerCase();
  const [only] = args;
  if (name === "json" && args.length === 1 && only) return constantOf(only);
  const text = args.length === 0 ? EMPTY_JSON[name] : undefined;
  return text === undefined ? undefined : { text };
}
