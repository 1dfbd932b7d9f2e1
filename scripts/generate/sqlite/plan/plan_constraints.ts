import { translateCondition } from "../expressions/translate_condition.ts";
import { translateDefault } from "../expressions/translate_default.ts";
import { translateValue } from "../expressions/translate_value.ts";
import type { FileCheck, Source } from "../schema/file_schema.ts";
import { identifier } from "../write/identifier.ts";
import { type ExpressionColumns, expressionColumns } from "./expression_columns.ts";
import type { Names } from "./names.ts";
import type { ColumnPlan, Constraint, TablePlan, Verdict } from "./pipeline_plan.ts";
import { planIndexes } from "./plan_indexes.ts";

/** What became of something: its SQL, if any, and the verdict. */
type Outcome = Pick<Verdict, "verdict" | "why"> & { readonly sql?: string };

/**
 * Plans a table's defaults, generated columns, checks, unique constraints and indexes.
 *
 * @param relations Names that tables, sequences and indexes have already.
 */
export function planConstraints(
  table: TablePlan,
  relations: Names,
): { table: TablePlan; verdicts: Verdict[] } {
  const known = expressionColumns(table);
  const verdicts: Verdict[] = [];
  const say = (kind: string, name: string, original: string, { verdict, why }: Outcome) =>
    verdicts.push({
      table: table.file.name,
      kind,
      name,
      verdict,
      why,
      original: verdict === "left out" ? original : undefined,
    });
  if (!table.file.understood) {
    say("checks and collations", table.file.name, table.file.sql, {
      verdict: "left out",
      why: "the statement that made the table is not understood",
    });
  }
  const columns = table.columns.map((column): ColumnPlan => {
    const { file } = column;
    if (file === undefined) return column;
    const written = table.mapping.columns?.[file.name]?.default;
    if (written !== undefined) return { ...column, default: written ?? undefined };
    if (file.generated !== undefined) {
      const outcome = generatedColumn(column, file.generated, known, table);
      say("generated column", file.name, file.generated.text, outcome);
      return { ...column, generated: outcome.sql };
    }
    if (file.default === undefined || column.identity !== undefined) return column;
    const outcome = defaultOf(column, file.default);
    say("default", file.name, file.default.text, outcome);
    return { ...column, default: outcome.sql };
  });

  const constraints: Constraint[] = [{
    sql: `constraint ${identifier(relations.take(`${table.target}_pkey`))} primary key (${
      table.primaryKey.map(identifier).join(", ")
    })`,
    remark: undefined,
  }];
  for (const check of table.file.checks) {
    const outcome = checkOf(check, known);
    say("check", check.name ?? check.text, `check (${check.text})`, outcome);
    if (outcome.sql === undefined) continue;
    const name = check.name === undefined ? "" : `constraint ${identifier(check.name)} `;
    constraints.push({ sql: `${name}check (${outcome.sql})`, remark: remarkOf(outcome) });
  }
  const { uniques, indexes } = planIndexes({ ...table, columns }, relations, known, say);
  return {
    table: {
      ...table,
      columns,
      constraints: [
        ...constraints,
        ...uniques,
        ...(table.mapping.constraints ?? []).map((sql) => ({ sql, remark: "by the mapping" })),
      ],
      indexes,
    },
    verdicts,
  };
}

function remarkOf({ verdict, why }: Outcome): string | undefined {
  return verdict === "translated" ? why : undefined;
}

function generatedColumn(
  { reading, type }: ColumnPlan,
  { expression, text }: Source,
  known: ExpressionColumns,
  { file }: TablePlan,
): Outcome {
  const why = "its values are those of the file";
  if (reading === undefined) return { verdict: "left out", why: "the mapping has its own" };
  if (expression === undefined) return { verdict: "left out", why: `${why}: ${text}` };
  const other = file.columns.find(({ name, generated }) =>
    generated !== undefined && known.names(expression).has(name.toLowerCase())
  );
  const refusal = other === undefined
    ? known.refusal(expression)
    : `it is computed from ${other.name}, which is computed itself`;
  const translation = translateValue(expression, known.columns, reading.as);
  if (refusal !== undefined || translation.kind !== "translated") {
    const reason = refusal ?? ("why" in translation ? translation.why : "");
    return { verdict: "left out", why: `${why}, for ${reason}` };
  }
  return { verdict: "translated", why: translation.remark, sql: typed(translation.sql, type) };
}

/** An expression of text may stand for a shorter one. */
function typed(sql: string, type: string): string {
  return type.startsWith("varchar") ? `(${sql})::${type}` : sql;
}

function defaultOf({ reading }: ColumnPlan, { expression, text }: Source): Outcome {
  if (expression === undefined) return { verdict: "left out", why: `not understood: ${text}` };
  if (reading === undefined) return { verdict: "left out", why: "the mapping changes its type" };
  const unit = reading.as === "time" ? reading.units.find((each) => each !== "iso") : undefined;
  const translation = translateDefault(expression, {
    kind: reading.as,
    timeUnit: unit === "julian" ? undefined : unit,
  });
  return translation.kind === "translated"
    ? { verdict: "translated", why: translation.remark, sql: translation.sql }
    : { verdict: "left out", why: translation.why };
}

function checkOf({ expression }: FileCheck, known: ExpressionColumns): Outcome {
  if (expression === undefined) return { verdict: "left out", why: "it is not understood" };
  const refusal = known.refusal(expression);
  if (refusal !== undefined) return { verdict: "left out", why: refusal };
  const translation = translateCondition(expression, known.columns, "check");
  switch (translation.kind) {
    case "translated":
      return { verdict: "translated", why: translation.remark, sql: translation.sql };
    case "implied":
      return { verdict: "kept", why: translation.why };
    case "refused":
      return { verdict: "left out", why: translation.why };
  }
}
