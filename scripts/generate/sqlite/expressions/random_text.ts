import type { Expr, FunctionCallExpr } from "./parse_sqlite.ts";

/**
 * The shape of a random text that a default makes, a character for each: `h` a random hexadecimal
 * digit in lower case, `H` one in upper case, `v` one of 8, 9, a and b. The others are themselves.
 *
 * @returns Nothing for an expression that is none of randomblob().
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 *
 * const index = parseStatement("create index i on t (lower(hex(randomblob(2))) || '-4')");
 * if (index?.type !== "CreateIndexStmt") throw new Error("it was not parsed");
 * assertEquals(randomText(index.columns[0]!.expr), "hhhh-4");
 * ```
 */
export function randomText(expression: Expr): string | undefined {
  switch (expression.type) {
    case "StringLiteral":
      // a letter of the shape would be mistaken for a random one
      return /^[-0-9{}]*$/.test(expression.value) ? expression.value : undefined;
    case "ParenthesizedExpr":
      return expression.exprs.length === 1 ? randomText(expression.exprs[0]!) : undefined;
    case "BinaryExpr": {
      const [left, right] = [randomText(expression.left), randomText(expression.right)];
      if (expression.op !== "Concat" || left === undefined || right === undefined) return undefined;
      return left + right;
    }
    case "FunctionCallExpr":
      return called(expression.name.name.toLowerCase(), expression.args ?? []);
    default:
      return undefined;
  }
}

function called(name: string, [text, start, length]: readonly Expr[]): string | undefined {
  if (text === undefined) return undefined;
  if (name === "hex") return hexDigits(text);
  if (name === "substr" && start !== undefined) return part(text, start, length);
  const inner = randomText(text);
  if (name === "lower") return inner?.replaceAll("H", "h");
  if (name === "upper") return inner?.includes("v") ? undefined : inner?.replaceAll("h", "H");
  return undefined;
}

function hexDigits(blob: Expr): string | undefined {
  if (blob.type !== "FunctionCallExpr" || blob.name.name.toLowerCase() !== "randomblob") return;
  const bytes = blob.args?.length === 1 ? number(blob.args[0]!) : undefined;
  return bytes === undefined || bytes > 64 ? undefined : "H".repeat(bytes * 2);
}

function part(text: Expr, start: Expr, length?: Expr): string | undefined {
  const count = length && number(length);
  if (text.type === "StringLiteral" && [...text.value.toLowerCase()].sort().join("") === "89ab") {
    return count === 1 && isPlace(start) ? "v" : undefined;
  }
  const from = number(start);
  const shape = randomText(text);
  if (shape === undefined || from === undefined || from < 1) return undefined;
  if (length !== undefined && count === undefined) return undefined;
  return shape.slice(from - 1, count === undefined ? undefined : from - 1 + count);
}

/** A place of four by chance: `1 + abs(random()) % 4`, or `(random() & 3) + 1`. */
function isPlace(expression: Expr): boolean {
  if (expression.type !== "BinaryExpr" || expression.op !== "Add") return false;
  const { left, right } = expression;
  return (number(right) === 1 && isChance(left)) || (number(left) === 1 && isChance(right));
}

function isChance(expression: Expr): boolean {
  if (expression.type === "ParenthesizedExpr") return isChance(expression.exprs[0]!);
  if (expression.type !== "BinaryExpr") return false;
  const { op, left, right } = expression;
  if (op === "Modulus") {
    return number(right) === 4 && isCall(left, "abs") && isCall(left.args?.[0], "random");
  }
  return op === "BitwiseAnd" && number(right) === 3 && isCall(left, "random");
}

function isCall(expression: Expr | undefined, name: string): expression is FunctionCallExpr {
  return expression?.type === "FunctionCallExpr" && expression.name.name.toLowerCase() === name;
}

function number(expression: Expr): number | undefined {
  const digits = expression.type === "NumericLiteral" && /^\d{1,3}$/.test(expression.value);
  return digits ? Number(expression.value) : undefined;
}
