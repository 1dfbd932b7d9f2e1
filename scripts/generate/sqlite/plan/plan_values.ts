import { translateDefault } from "../expressions/translate_default.ts";
import { translateValue } from "../expressions/translate_value.ts";
import type { Source } from "../schema/file_schema.ts";
import type { ExpressionColumns } from "./expression_columns.ts";
import type { ColumnPlan, TablePlan } from "./pipeline_plan.ts";
import type { Outcome, Say } from "./say.ts";

/** An outcome with its SQL, if there is any. */
type Written = Outcome & { readonly sql?: string };

/** Plans what the target fills in by itself: defaults and generated columns. */
export function planValues(table: TablePlan, known: ExpressionColumns, say: Say): ColumnPlan[] {
  return table.columns.map((column): ColumnPlan => {
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
}

function generatedColumn(
  { reading }: ColumnPlan,
  { expression, text }: Source,
  known: ExpressionColumns,
  { file }: TablePlan,
): Written {
  const why = "its values are those of the file";
  if (reading === undefined) return { verdict: "left out", why: "the mapping has its own" };
  if (expression === undefined) return { verdict: "left out", why: `${why}: ${text}` };
  const other = file.columns.find(({ name, generated }) =>
    generated !== undefined && known.names(expression).has(name.toLowerCase())
  );
  const refusal = other === undefined
    ? known.refusal(expression)
    : `it is computed from ${other.name}, which is computed itself`;
  if (refusal !== undefined) return { verdict: "left out", why: `${why}, for ${refusal}` };
  const translation = translateValue(expression, known.columns, reading.as);
  return translation.kind === "translated"
    ? { verdict: "translated", why: translation.remark, sql: translation.sql }
    : { verdict: "left out", why: `${why}, for ${translation.why}` };
}

function defaultOf({ reading }: ColumnPlan, { expression, text }: Source): Written {
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
