import { translateCondition } from "../expressions/translate_condition.ts";
import type { FileCheck } from "../schema/file_schema.ts";
import { identifier } from "../../sql/identifier.ts";
import type { ExpressionColumns } from "./expression_columns.ts";
import type { Names } from "../../names/names.ts";
import type { Constraint, TablePlan } from "./pipeline_plan.ts";
import type { Say } from "./say.ts";

/**
 * Plans a table's checks: those that the types make by themselves are left out as kept.
 *
 * @param names Names that constraints of the table have already.
 */
export function planChecks(
  { file }: TablePlan,
  known: ExpressionColumns,
  names: Names,
  say: Say,
): Constraint[] {
  return file.checks.flatMap((check) => {
    const label = check.name ?? check.text;
    const original = `check (${check.text})`;
    const outcome = translate(check, known);
    switch (outcome.kind) {
      case "translated": {
        say("check", label, original, { verdict: "translated", why: outcome.remark });
        const name = check.name === undefined
          ? ""
          : `constraint ${identifier(names.take(check.name))} `;
        return [{ sql: `${name}check (${outcome.sql})`, remark: outcome.remark }];
      }
      case "implied":
        say("check", label, original, { verdict: "kept", why: outcome.why });
        return [];
      case "refused":
        say("check", label, original, { verdict: "left out", why: outcome.why });
        return [];
    }
  });
}

function translate(
  { expression }: FileCheck,
  known: ExpressionColumns,
): ReturnType<typeof translateCondition> {
  if (expression === undefined) return { kind: "refused", why: "it is not understood" };
  const refusal = known.refusal(expression);
  return refusal === undefined
    ? translateCondition(expression, known.columns, "check")
    : { kind: "refused", why: refusal };
}
