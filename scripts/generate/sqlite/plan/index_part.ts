import { translateValue } from "../expressions/translate_value.ts";
import type { FileIndexPart } from "../schema/file_schema.ts";
import { identifier } from "../../sql/identifier.ts";
import type { ExpressionColumns } from "./expression_columns.ts";
import type { TablePlan } from "./pipeline_plan.ts";

/** A part of an index in Postgres, or why it has none. */
export type IndexPart = { readonly sql: string; readonly remark?: string } | {
  readonly why: string;
};

/** Postgres's indexes refuse a value of more than 2,704 bytes. */
const INDEX_BYTES = 2_600;

/** What NOCASE compares is what is left when the 26 letters are folded. */
const FOLDED = "unique whatever the case of its 26 letters, as NOCASE has it";

/** Plans a part of an index: a column, folded as its collation folds it, or an expression. */
export function indexPart(
  { column, collation, descending, expression }: FileIndexPart,
  table: TablePlan,
  known: ExpressionColumns,
): IndexPart {
  const direction = descending ? " desc" : "";
  if (column === undefined) {
    if (expression === undefined) return { why: "it is not understood" };
    const refusal = known.refusal(expression);
    if (refusal !== undefined) return { why: refusal };
    const translation = translateValue(expression, known.columns, undefined);
    return translation.kind === "translated"
      ? { sql: `(${translation.sql})${direction}` }
      : { why: translation.why };
  }
  const found = table.columns.find(({ file }) => file?.name === column);
  if (found === undefined) return { why: `the mapping leaves ${column} out` };
  const name = identifier(found.name);
  const isLong = (found.census?.longestBytes ?? 0) > INDEX_BYTES;
  if (found.reading?.as !== "text") {
    return isLong
      ? { why: "its values are too long for an index" }
      : { sql: `${name}${direction}` };
  }
  if (isLong) {
    return { sql: `md5(${name})`, remark: "by their md5, as values are too long for an index" };
  }
  if (collation === "nocase") {
    return { sql: `lower(${name} collate "C")${direction}`, remark: FOLDED };
  }
  if (collation === "rtrim") {
    return {
      sql: `rtrim(${name}, ' ')${direction}`,
      remark: "blanks at the end aside, as RTRIM has it",
    };
  }
  return collation === "binary"
    ? { sql: `${name}${direction}` }
    : { why: `collation ${collation} is the app's own` };
}
