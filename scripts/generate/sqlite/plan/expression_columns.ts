import type { Reading } from "../../../verify/reading/reading.ts";
import type { Expr } from "../expressions/parse_sqlite.ts";
import { columnAffinity } from "../expressions/column_affinity.ts";
import type { ExpressionColumn } from "../expressions/term.ts";
import { identifier } from "../../sql/identifier.ts";
import type { ColumnPlan, TablePlan } from "./pipeline_plan.ts";

/** What expressions of a table may speak of. */
export interface ExpressionColumns {
  /** By the names in the file, in lower case. */
  readonly columns: ReadonlyMap<string, ExpressionColumn>;
  /** Why an expression cannot be carried over: it speaks of a column that is not there as it was. */
  readonly refusal: (expression: Expr) => string | undefined;
  /** What an expression speaks of, in lower case. */
  readonly names: (expression: Expr) => ReadonlySet<string>;
}

/** Lists a table's columns as the translation of expressions needs them. */
export function expressionColumns({ file, columns }: TablePlan): ExpressionColumns {
  const read = new Map(
    columns.flatMap((column) =>
      column.file !== undefined && column.reading !== undefined
        ? [[column.file.name.toLowerCase(), describe(column, column.reading)] as const]
        : []
    ),
  );
  return {
    columns: read,
    names: (expression) => namesIn(expression),
    refusal: (expression) => {
      const named = namesIn(expression);
      const missing = file.columns.find(({ name }) =>
        named.has(name.toLowerCase()) && !read.has(name.toLowerCase())
      );
      return missing && `the mapping gives ${missing.name} another meaning`;
    },
  };
}

function describe({ name, file, census, notNull }: ColumnPlan, reading: Reading): ExpressionColumn {
  const { integers, reals, texts, blobs } = census!;
  const classes = { integer: integers, real: reals, text: texts, blob: blobs };
  return {
    sql: identifier(name),
    kind: reading.as,
    collation: file!.collation,
    converted: isConverted(reading, census!),
    affinity: columnAffinity(file!.declared),
    notNull,
    classes: new Set(
      Object.entries(classes).filter(([, count]) => count > 0).map(([storage]) => storage),
    ),
  };
}

/** Whether a value reads otherwise than in the file. */
function isConverted(reading: Reading, census: NonNullable<ColumnPlan["census"]>): boolean {
  if (reading.as !== "bytes" && reading.nulls !== undefined) return true;
  switch (reading.as) {
    case "text":
      return census.integers + census.reals > 0;
    case "integer":
    case "real":
    case "numeric":
      return census.texts > 0;
    case "bytes":
      return false;
    default:
      return true;
  }
}

function namesIn(node: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(node)) node.forEach((part) => namesIn(part, found));
  else if (typeof node === "object" && node !== null) {
    const { type, name, text } = node as { type?: string; name?: unknown; text?: unknown };
    if (type === "Id" && typeof name === "string") found.add(name.toLowerCase());
    if (type === "Name" && typeof text === "string") found.add(text.toLowerCase());
    Object.values(node).forEach((part) => namesIn(part, found));
  }
  return found;
}
