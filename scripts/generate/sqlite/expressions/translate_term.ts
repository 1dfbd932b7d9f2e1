import { binaryTerm } from "./binary_term.ts";
import { type Branch, caseTerm } from "./case_term.ts";
import { castTerm } from "./cast_term.ts";
import { functionTerm } from "./function_term.ts";
import { hasCollate } from "./has_collate.ts";
import { isNull } from "./is_null.ts";
import { literalTerm } from "./literal_term.ts";
import { membership } from "./membership.ts";
import { nameTerm } from "./name_term.ts";
import type { CaseExpr, Expr, FunctionCallExpr, LikeExpr } from "./parse_sqlite.ts";
import { patternMatch } from "./pattern_match.ts";
import { range } from "./range.ts";
import { refused } from "./refused.ts";
import { type Columns, LEVEL, type Refused, type Term } from "./term.ts";
import { unaryTerm } from "./unary_term.ts";

/**
 * Translates an expression of SQLite to one of Postgres that means the same, by a list of what is
 * known to.
 *
 * @param columns Those that the expression may name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStatement } from "./parse_sqlite.ts";
 *
 * const index = parseStatement("create index i on t (a) where 1 == 0x10");
 * if (index?.type !== "CreateIndexStmt") throw new Error("it was not parsed");
 * const term = translateTerm(index.whereClause!, new Map());
 * assertEquals(term.kind !== "refused" && term.sql, "1 = 16");
 * ```
 */
export function translateTerm(expression: Expr, columns: Columns): Term | Refused {
  /** Translates what an expression is made of, as long as nothing of it is refused. */
  const from = <Count extends Expr[]>(
    expressions: [...Count],
    make: (...terms: { [Place in keyof Count]: Term }) => Term | Refused,
  ): Term | Refused => {
    const terms = allOf(expressions, columns);
    return "kind" in terms ? terms : make(...terms as { [Place in keyof Count]: Term });
  };
  switch (expression.type) {
    case "NumericLiteral":
      return literalTerm({ number: expression.value });
    case "StringLiteral":
      return literalTerm({ text: expression.value });
    case "BlobLiteral":
      return literalTerm({ bytes: expression.bytes });
    case "NullLiteral":
      return { kind: "null", sql: "null", level: LEVEL.primary };
    case "Id": {
      const { name, span } = expression;
      return nameTerm(name, span.length > name.length, columns);
    }
    case "NameExpr":
      return nameTerm(expression.name.text, false, columns);
    case "QualifiedExpr":
      return nameTerm(expression.column.text, false, columns);
    case "ParenthesizedExpr": {
      const [inner, ...others] = expression.exprs;
      if (inner === undefined || others.length > 0) return refused("it compares rows of values");
      return translateTerm(inner, columns);
    }
    case "UnaryExpr": {
      const { op, expr } = expression;
      // the minus belongs to the number: the least integer has no opposite
      if (op === "Negative" && expr.type === "NumericLiteral") {
        return literalTerm({ number: `-${expr.value}` });
      }
      return from([expr], (operand) => unaryTerm(op, operand));
    }
    case "BinaryExpr":
      return from(
        [expression.left, expression.right],
        (left, right) => binaryTerm(expression.op, left, right),
      );
    case "IsNullExpr":
      return from([expression.expr], (term) => isNull(term, false));
    case "NotNullExpr":
      return from([expression.expr], (term) => isNull(term, true));
    case "BetweenExpr":
      return from(
        [expression.lhs, expression.start, expression.end],
        (term, low, high) => range(term, low, high, expression.not),
      );
    case "InListExpr":
      return from(
        [expression.lhs, ...expression.rhs ?? []],
        (term, ...list) => membership(term, list, expression.not),
      );
    case "CollateExpr":
      return from([expression.expr], (term) => ({
        ...term,
        column: undefined,
        collation: { name: expression.collation.toLowerCase(), explicit: true },
      }));
    case "CastExpr":
      return from([expression.expr], (term) => castTerm(term, expression.typeName?.name ?? ""));
    case "CaseExpr":
      return caseOf(expression, columns);
    case "FunctionCallExpr":
      return callOf(expression, columns);
    case "LikeExpr":
      return likeOf(expression, columns);
    case "CurrentDateLiteral":
    case "CurrentTimeLiteral":
    case "CurrentTimestampLiteral":
      return refused("it asks for the time, which changes");
    default:
      return refused("it is a subquery, or something else that is not translated");
  }
}

function allOf(expressions: readonly Expr[], columns: Columns): Term[] | Refused {
  const terms = [];
  for (const expression of expressions) {
    const term = translateTerm(expression, columns);
    if (term.kind === "refused") return term;
    terms.push(term);
  }
  return terms;
}

function caseOf(expression: CaseExpr, columns: Columns): Term | Refused {
  if (hasCollate(expression)) return refused("CASE has a collation inside");
  const { base, whenThenPairs, elseExpr } = expression;
  const subject = base && translateTerm(base, columns);
  if (subject?.kind === "refused") return subject;
  const branches: Branch[] = [];
  for (const pair of whenThenPairs) {
    const terms = allOf([pair.when, pair.then], columns);
    if ("kind" in terms) return terms;
    const [when, then] = terms as [Term, Term];
    branches.push({ when, then });
  }
  const otherwise = elseExpr && translateTerm(elseExpr, columns);
  return otherwise?.kind === "refused" ? otherwise : caseTerm(subject, branches, otherwise);
}

function callOf(expression: FunctionCallExpr, columns: Columns): Term | Refused {
  const name = expression.name.name.toLowerCase();
  const { distinctness, args = [], orderBy, filterOver } = expression;
  if (distinctness || orderBy || filterOver) return refused(`${name}() is called as an aggregate`);
  if (hasCollate(expression)) return refused(`the function ${name}() has a collation inside`);
  const terms = allOf(args, columns);
  return "kind" in terms ? terms : functionTerm(name, terms);
}

function likeOf({ lhs, op, rhs, escape, not }: LikeExpr, columns: Columns): Term | Refused {
  if (op !== "Like" && op !== "Glob") return refused(`${op.toUpperCase()} is defined by the app`);
  const term = translateTerm(lhs, columns);
  if (term.kind === "refused") return term;
  const pattern = translateTerm(rhs, columns);
  const escapes = escape && translateTerm(escape, columns);
  const [text, character] = [literalOf(pattern), escapes && literalOf(escapes)];
  if (text === undefined || (escape && character === undefined)) {
    return refused(`${op.toUpperCase()} has a pattern that is no constant`);
  }
  return patternMatch(term, { operator: op, pattern: text, escape: character, not });
}

function literalOf(term: Term | Refused): string | undefined {
  if (term.kind === "refused" || typeof term.literal !== "string") return undefined;
  return term.literal;
}
